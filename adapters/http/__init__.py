"""HTTP on a socket of ours, plain or over TLS: what the admin API, the STS and SOAP stand on."""
