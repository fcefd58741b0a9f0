"""The page on certificates says what the code does."""

from __future__ import annotations

from pathlib import Path

from adapters.pki import Pki, names_served
from adapters.pki.export import PASSWORD
from adapters.pki.issue import CA_DAYS, FUNCTION_DAYS, SERVER_DAYS
from broker.core.model import Anvendersystem
from tests.unit.pki.authorities import brought

PAGE = Path(__file__).resolve().parents[3] / "docs" / "certificates.md"


def test_every_file_that_is_made_is_on_the_page(tmp_path: Path) -> None:
    """The page's table names each file of the data directory, and none that is not there."""
    pki = Pki.open(tmp_path)
    for identity in (pki.server(names_served([], [])), pki.sts(), pki.beskedfordeler()):
        assert identity.path.exists()
    system = pki.system(Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Fagsystem", "11111111"), "Eksempelby")
    mine = brought(begin=1.7e9, days=20000)
    chain, key = mine.write(tmp_path)
    Pki.open(tmp_path, ca_cert=chain, ca_key=key)
    made = {str(file.relative_to(tmp_path)) for file in (tmp_path / "certs").rglob("*") if file.is_file()}
    told = {
        name.replace("<id>", system.path.stem)
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `certs/")
        for name in line.split("|")[1].replace("`", "").replace(",", " ").split()
    }
    assert told == made


def test_lifetimes_and_password_are_those_on_the_page() -> None:
    """10 years, 396 days, 3 years, and the password of PKCS#12 files."""
    page = PAGE.read_text("utf-8")
    assert (CA_DAYS, FUNCTION_DAYS) == (10 * 365, 3 * 365)
    assert f"| {SERVER_DAYS} days |" in page
    assert f"password `{PASSWORD}`" in page
