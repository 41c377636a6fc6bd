"""Time zones in which the donors of this region's projects sit."""

from typing import Final

ZONES: Final = (
    "UTC", "Europe/London", "Europe/Brussels", "Europe/Berlin", "Europe/Paris", "Europe/Zurich",
    "America/New_York", "America/Los_Angeles", "Asia/Almaty", "Asia/Ashgabat", "Asia/Aqtau", "Asia/Bishkek",
    "Asia/Dubai", "Asia/Dushanbe", "Asia/Hong_Kong", "Asia/Kabul", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata",
    "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Tashkent", "Asia/Tehran", "Asia/Thimphu", "Asia/Tokyo",
    "Asia/Ulaanbaatar", "Europe/Moscow",
)  # fmt: skip
