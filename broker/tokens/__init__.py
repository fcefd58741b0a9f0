"""Tokens (SF1514): what they say, and whether they hold.

`broker.tokens.verifier` is imported apart: it needs cryptography and signxml, which an emulator without tokens
should not load.
"""

from broker.tokens.token import AFSEND, MODTAG, Certificate, Token, TokenVerifier, service_of

__all__ = ["AFSEND", "MODTAG", "Certificate", "Token", "TokenVerifier", "service_of"]
