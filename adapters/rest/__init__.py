"""The admin API: the service's front door over HTTP, for the command line and the web page."""
