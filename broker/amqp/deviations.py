"""What RabbitMQ does and this server knowingly does not, as data: the reference pages and a test read it."""

from __future__ import annotations

from typing import NamedTuple


class Deviation(NamedTuple):
    what: str
    rabbitmq: str
    here: str
    why: str


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "queue.declare, bind, unbind, purge, delete and exchange.declare, delete, bind, unbind",
        "done for users with the rights",
        "403 ACCESS_REFUSED, whoever asks; a passive declare of what exists is answered",
        "an anvendersystem may not do it on the real Beskedfordeler: dueslag are made by their administration",
    ),
    Deviation(
        "server-named and exclusive queues",
        "queue.declare with an empty name makes amq.gen-…",
        "403 ACCESS_REFUSED",
        "there is nothing that could be bound to them",
    ),
    Deviation(
        "basic.publish to a dueslag by way of the default exchange",
        "routed to the queue of that name",
        "403 ACCESS_REFUSED - access to exchange 'amq.default'",
        "messages enter by AFSEND_BESKED_EXCHANGE only, where they are judged",
    ),
    Deviation(
        "basic.publish to amq.direct and the other system exchanges",
        "routed by bindings",
        "403 ACCESS_REFUSED",
        "they exist for passive declares only; a message that vanishes unseen helps nobody",
    ),
    Deviation(
        "tx.select",
        "select-ok",
        "540 NOT_IMPLEMENTED, which closes the connection",
        "no known client of the Beskedfordeler uses transactions; confirms do the work",
    ),
    Deviation(
        "basic.nack as a publisher confirm",
        "when a queue fails",
        "also for a message that is refused and bears no reply_to",
        "it is not on disk, and nothing else would tell the sender",
    ),
    Deviation(
        "properties of deliveries",
        "as the publisher sent them",
        "content_type, delivery_mode, message_id and timestamp, nothing else",
        "the sender's header holds its SAML token",
    ),
    Deviation(
        "header token in a direct reply from client to client",
        "passed on",
        "the headers table is left out where it holds a token",
        "the same",
    ),
    Deviation(
        "user_id property",
        "must be the name that the client logged in with",
        "may be the anvendersystem's id, its name, or that",
        "all three mean the same system",
    ),
    Deviation(
        "per-message expiration",
        "the message expires",
        "checked for form, otherwise not used",
        "GyldighedTil in the envelope decides",
    ),
    Deviation(
        "start-ok larger than 4096 octets",
        "refused unless initial_frame_max is raised",
        "taken up to 256 kB",
        "EXTERNAL carries a SAML assertion there",
    ),
    Deviation(
        "more content body than the header announces",
        "closes with 541 or not at all, by version",
        "505 UNEXPECTED_FRAME",
        "clear to whoever writes a client",
    ),
    Deviation(
        "connection.blocked",
        "sent when a connection publishes while resources are short",
        "also at once to connections that have published before",
        "they learn it before their next message waits",
    ),
    Deviation(
        "basic.publish on a connection while resources are short",
        "the message is taken, then reading stops",
        "reading stops with that message, which is taken when the block is over",
        "with a full disk it could not be kept",
    ),
    Deviation(
        "basic.publish of more octets than are taken",
        "406 PRECONDITION_FAILED when the content header comes, which closes the channel",
        "the same, unless reply_to can be answered: then the body is read and dropped, and StandardRetur 40 says why",
        "a sender that only waits for its answer would send the message again and again",
    ),
    Deviation(
        "SASL EXTERNAL",
        "the user is named by the client certificate (plugin auth_mechanism_ssl)",
        "the response is a decoded SAML assertion; a client certificate may be absent, but must be the token's",
        "it is how the real Beskedfordeler knows its clients",
    ),
    Deviation(
        "mechanisms in connection.start",
        "the same for every connection",
        "EXTERNAL beside passwords only on TLS, or alone with --auth=token",
        "some clients (py-amqp) take EXTERNAL wherever it is offered, with an empty response",
    ),
    Deviation(
        "a token that expires while connected",
        "with OAuth 2 tokens: channel operations are refused until connection.update-secret",
        "what is open stays open; each message sent is judged by the token in its own header (41)",
        "as the real Beskedfordeler; update-secret is taken all the same",
    ),
)
