"""Who may come in: judges logins, and the token that a message carries (SF1514)."""

from __future__ import annotations

import hmac

from broker.catalogue import Catalogue
from broker.clock import Clock, iso
from broker.core.model import Anvendersystem, Service
from broker.errors import AccessDenied, TokenExpired, TokenRefused
from broker.ports import Login, Peer
from broker.settings import Auth
from broker.tokens import AFSEND, Token, TokenVerifier

_PASSWORDS = ("PLAIN", "AMQPLAIN")
_SHOWN = 200
"""Characters of a name that nobody has vouched for."""
_NOT_NAMED = (
    "the header 'token' is missing, or is no string: with --auth=token every message carries the decoded SAML "
    "assertion there, as a long string"
)


class Gate:
    """Goes by ``auth``; see `broker.settings.Settings` for what each means.

    Without a verifier no token can be judged, and EXTERNAL is not on offer.
    """

    def __init__(self, auth: Auth, catalogue: Catalogue, clock: Clock, verifier: TokenVerifier | None) -> None:
        self._auth = auth
        self._catalogue = catalogue
        self._clock = clock
        self._verifier = verifier
        self.judges_messages = auth == "token"
        """Whether a message must carry a token."""

    def mechanisms(self, peer: Peer) -> tuple[str, ...]:
        """EXTERNAL is offered beside passwords on TLS only: some clients take it wherever it is offered, unasked."""
        if self._auth == "token":
            return ("EXTERNAL",)
        return (*_PASSWORDS, "EXTERNAL") if peer.tls and self._verifier is not None else _PASSWORDS

    def login(self, mechanism: str, user: str, secret: bytes, peer: Peer) -> Login:
        """Who this is.  Raises AccessDenied, TokenRefused, TokenExpired: with the reason, which is for the trace."""
        if mechanism != "EXTERNAL":
            return Login(self._by_password(user, secret), peer, mechanism)
        token = self._verified(secret, peer)
        return Login(self.holder_of(token), peer, mechanism, token)

    def renew(self, login: Login, secret: bytes) -> Login:
        """The same system with another token or password.  Raises as `login`."""
        renewed = self.login(login.mechanism, login.system.id, secret, login.peer)
        if renewed.system.id != login.system.id:
            raise AccessDenied(f"the new token is one of anvendersystem '{renewed.system.navn}' ({renewed.system.id})")
        return renewed

    def holder_of(self, token: Token) -> Anvendersystem:
        """Whose token it is, where an agreement in force lets that system act for the token's myndighed.

        Raises TokenRefused.
        """
        system = self._holder(token)
        now = self._clock.now()
        if not any(one.acts_for(token.cvr, now) for one in self._catalogue.agreements.of(system.id, token.service)):
            raise TokenRefused(
                f"no serviceaftale about '{token.service}' that is approved and valid now lets anvendersystem "
                f"'{system.navn}' act for myndighed {token.cvr} (serviceaftaler[])",
                about=token.about,
            )
        return system

    def judge(self, login: Login, raw: bytes | None) -> Token | None:
        """The token of a message that ``login`` sends; None where none is asked for.

        Raises TokenExpired (41), TokenRefused (40).
        """
        if not self.judges_messages:
            return None
        if raw is None:
            raise TokenRefused(_NOT_NAMED)
        token = self._verified(raw, login.peer)
        if token.service is not Service.AFSEND:
            raise TokenRefused(
                f"the header 'token' is for {token.audience} (modtag); to send, ask the STS for one for {AFSEND}",
                about=token.about,
            )
        holder = self._holder(token)
        if holder is not login.system and holder.id != login.system.id:
            raise TokenRefused(
                f"the header 'token' is one of anvendersystem '{holder.navn}', but the connection is one of "
                f"'{login.system.navn}': a message is sent with a token of who is logged in",
                about=token.about,
            )
        return token

    def _by_password(self, user: str, secret: bytes) -> Anvendersystem:
        system = self._catalogue.system(user)
        if system is None:
            raise AccessDenied(f"no anvendersystem with the id or navn '{shortened(user)}' in the register")
        expected = system.adgangskode
        if expected is None and self._auth == "open":
            return system
        if expected is None:
            raise AccessDenied(
                f"anvendersystem '{user}' has no adgangskode: give it one in the register "
                "(anvendersystemer[].adgangskode), or serve with --auth=open"
            )
        if not hmac.compare_digest(secret, expected.encode()):
            raise AccessDenied(f"wrong adgangskode for anvendersystem '{user}'")
        return system

    def _verified(self, raw: bytes, peer: Peer) -> Token:
        assert self._verifier is not None  # EXTERNAL is not offered without
        return self._verifier.verify(raw, self._clock.now(), peer.certificate)

    def _holder(self, token: Token) -> Anvendersystem:
        system = self._catalogue.system_by_serienummer(token.holder.serienummer)
        if system is None:
            raise TokenRefused(
                f"the token's certificate ({token.holder.serienummer}) belongs to no anvendersystem in the register "
                "(anvendersystemer[].certifikat)",
                about=token.about,
            )
        if token.cvr not in self._catalogue.content.myndigheder:
            raise TokenRefused(
                f"the token is for myndighed {token.cvr}, which is not in the register (myndigheder[].cvr)",
                about=token.about,
            )
        return system


def shortened(said: str) -> str:
    """What a stranger said, as far as a log or the trace keeps it."""
    return said if len(said) <= _SHOWN else said[:_SHOWN] + "…"


def facts(token: Token | None) -> dict[str, object]:
    """What the trace keeps of a token: for whom, and by which certificate."""
    if token is None:
        return {}
    return {"cvr": token.cvr, "certifikat": str(token.holder.serial)}


def facts_of_login(login: Login) -> dict[str, object]:
    """What the trace keeps of a login."""
    known: dict[str, object] = {"fra": login.peer.host, "mekanisme": login.mechanism}
    if login.token is not None:
        known |= {**facts(login.token), "udløber": iso(login.token.not_on_or_after)}
    return known


def reason_of(error: AccessDenied | TokenRefused | TokenExpired) -> str:
    """Why, in full: for the trace and the log."""
    return error.reason if isinstance(error, TokenRefused) else str(error)
