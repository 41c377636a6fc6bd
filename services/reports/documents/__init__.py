"""Documents: from read copies to the HTML that the PDF engine renders. Nothing here touches a database."""
