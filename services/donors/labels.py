"""Words for the codes of this service that the shared vocabulary does not hold. All of them are msgids."""

from typing import Final

from services.chassis.i18n import N_

RULES: Final = {
    "status": N_("Status"),
    "call": N_("When to apply"),
    "amount": N_("Amount"),
    "duration": N_("Duration"),
    "applicants": N_("Who may apply"),
    "countries": N_("Countries"),
    "species": N_("Species"),
    "themes": N_("Themes"),
    "cofinancing": N_("Co-financing"),
    "intermediary": N_("Intermediary and endorsement"),
    "about": N_("Name and kind"),
    "summary": N_("Summary"),
    "notes": N_("Notes and confidence"),
}
"""Rules in the words in which people read them."""

CONFIDENCE: Final = {
    "high": N_("High confidence"),
    "medium": N_("Medium confidence"),
    "low": N_("Low confidence"),
    "unknown": N_("Confidence unknown"),
}

COUNTRY_BASES: Final = {
    "world": N_("Any country"),
    "list": N_("Named countries"),
    "region": N_("A region"),
    "gef_recipient": N_("Recipients of the GEF"),
    "sgp_country": N_("Countries with an SGP country programme"),
    "dac_oda": N_("Recipients of development aid (DAC list)"),
    "dac_oda_hotspot": N_("Recipients of development aid, in biodiversity hotspots"),
    "wb_ida_ibrd": N_("Borrowers from IBRD or IDA"),
    "wb_not_high_income": N_("All but high-income countries (World Bank)"),
    "low_middle_income_no_sanctions": N_("Low- and middle-income countries without sanctions"),
    "unfccc_developing": N_("Developing Parties to the climate convention"),
    "kyoto_developing_party": N_("Developing Parties to the Kyoto Protocol"),
    "adb_dmc": N_("Developing members of the Asian Development Bank"),
    "cms_party_low_assessment": N_("CMS Parties with a low UN assessment"),
    "cami_range": N_("Range states of the Initiative"),
    "per_initiative": N_("Countries of each initiative"),
    "bmz_partner": N_("Partner countries of German cooperation"),
    "rufford_list": N_("The foundation’s own list"),
    "ndici": N_("Countries of NDICI-Global Europe"),
    "biofin": N_("Countries of the BIOFIN programme"),
    "europe": N_("Europe"),
    "coastal": N_("Coasts"),
    "none": N_("No country"),
}
"""Classes of countries that donors name."""

SPECIES_BASES: Final = {
    "any": N_("Any species"),
    "list": N_("Named species"),
    "emphasis": N_("Emphasis on some, none shut out"),
    "priority": N_("Priority species, none shut out"),
    "landscape_preferred": N_("Landscapes rather than single species"),
    "red_list": N_("Red List categories"),
    "red_list_priority": N_("Red List categories first"),
    "red_list_not": N_("All but some Red List categories"),
    "cms_listed": N_("Species on the CMS appendices"),
    "traded": N_("Species in illegal trade"),
    "partner": N_("Species of the donor’s partners"),
    "none_listed": N_("The donor’s list has none of ours"),
    "none_documented": N_("No mammal on record"),
    "none": N_("Not for mammals"),
}
"""Ways in which donors choose species."""

FUNDS: Final = {"gef": N_("Offered by the GEF")}
"""Funds whose windows people look for, whatever body runs them."""

RED_LIST: Final = ("CR", "EN", "VU", "NT", "LC", "DD", "EW")
"""IUCN Red List categories, the most threatened first."""
