"""The STS (SF1514): tokens, by REST and by WS-Trust."""
