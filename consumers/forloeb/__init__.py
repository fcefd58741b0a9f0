"""The forløb: what a letter does to a course, for the myndighed's view and for a tilbud's. Pure."""
