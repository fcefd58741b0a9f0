"""VærdilisteRediger and flytbeskedtilfejlkoe over SOAP (SF1461)."""
