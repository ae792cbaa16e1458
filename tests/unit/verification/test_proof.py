"""A proof of a move: its statement, its signature, and the comparison with a registry."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.verification import RegistrySnapshot, SnapshotPair
from acr_relocate.core.verification.proof import (
    PAYLOAD_TYPE,
    MoveStatement,
    compare_with_proof,
    from_in_toto,
    state_move,
    to_in_toto,
)
from acr_relocate.files.signed_statements import load_signer, read_statement, sign_statement
from tests.support.builders import content, digest, image, index, registry, repository, request, selection

APP = repository("app", index("i", "a"), image("a"), image("sig", subject="a"), v1="i", latest="a")
WEB = repository("web", image("w"), v1="w")


def statement(want: Content, have: Content, **fields: object) -> MoveStatement:
    asked = request(**({"selection": selection(**fields)} if fields else {}))
    at, target = datetime(2026, 11, 30, tzinfo=UTC), registry("contosoregistryne")
    pair = SnapshotPair(
        source=RegistrySnapshot(registry=registry(), content=want),
        target=RegistrySnapshot(registry=target, content=have),
    )
    return state_move(asked, pair, compared_at=at, compared_by=("me",), version="1")


class TestStatement:
    def test_it_names_every_moved_digest_as_a_subject(self) -> None:
        """Parts of indexes and referrers too; in the form that in-toto's own tools read."""
        told = json.loads(to_in_toto(statement(content(APP, WEB), content(APP, WEB))))

        assert told["_type"] == "https://in-toto.io/Statement/v1"
        digests = {subject["digest"]["sha256"] for subject in told["subject"]}
        assert digests == {digest(name).partition(":")[2] for name in ("i", "a", "sig", "w")}
        assert told["predicate"]["repositories"][0]["tags"] == {"latest": digest("a"), "v1": digest("i")}

    def test_it_states_the_selection_and_not_what_is_broken_at_the_source(self) -> None:
        """The target lacks a broken artifact that the request accepts."""
        stated = statement(content(APP, WEB), content(repository("app", image("a"), latest="a"), WEB))
        narrowed = statement(content(APP, WEB), content(APP, WEB), repositories=["web"])

        assert stated.repositories[0].manifests == (digest("a"),)
        assert [one.name for one in narrowed.repositories] == ["web"]

    def test_it_is_read_back(self) -> None:
        stated = statement(content(APP, WEB), content(APP, WEB))

        assert from_in_toto(to_in_toto(stated)) == stated

    @pytest.mark.parametrize(
        "change", [{"subject": []}, {"predicateType": "other"}, {"predicate": {}}, {"_type": None}, {"subject": 1}]
    )
    def test_another_statement_is_refused(self, change: dict[str, object]) -> None:
        """Also one whose subjects are not the content that it lists."""
        told = json.loads(to_in_toto(statement(content(APP), content(APP))))

        with pytest.raises(InvalidRequest):
            from_in_toto(json.dumps(told | change).encode())


class TestComparison:
    def test_an_unchanged_target_has_no_difference(self) -> None:
        """Content that came later does not matter."""
        stated = statement(content(APP), content(APP))

        assert compare_with_proof(stated, content(APP, WEB)) == ()

    def test_each_lost_manifest_moved_tag_and_lost_repository_is_named(self) -> None:
        stated = statement(content(APP, WEB), content(APP, WEB))
        now = content(repository("app", index("i", "a"), image("a"), v1="a"))

        found = {(one.kind, one.subject) for one in compare_with_proof(stated, now)}

        assert found == {("manifest", digest("sig")), ("tag", "v1"), ("tag", "latest"), ("repository", "web")}


KEYS = {
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ECDSA": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
}


def key_pair(folder: Path, kind: str, encryption: KeySerializationEncryption | None = None) -> tuple[Path, Path]:
    """The files of a private and its public key."""
    key, own, public = KEYS[kind], folder / f"{kind}.pem", folder / f"{kind}.pub"
    own.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return own, public


class TestSignature:
    @pytest.mark.parametrize("kind", KEYS)
    def test_the_public_key_opens_what_the_private_key_signed(self, tmp_path: Path, kind: str) -> None:
        own, public = key_pair(tmp_path, kind)
        proof = tmp_path / "proof.json"
        proof.write_text(sign_statement(b"{}", PAYLOAD_TYPE, load_signer(own, None)))

        assert read_statement(proof, PAYLOAD_TYPE, public) == b"{}"

    def test_a_changed_payload_another_key_and_another_type_are_refused(self, tmp_path: Path) -> None:
        own, public = key_pair(tmp_path, "Ed25519")
        _, other = key_pair(tmp_path, "ECDSA")
        proof = tmp_path / "proof.json"
        proof.write_text(text := sign_statement(b"{}", PAYLOAD_TYPE, load_signer(own, None)))

        with pytest.raises(InvalidRequest, match="is not signed with the key"):
            read_statement(proof, PAYLOAD_TYPE, other)
        for change in ({"payload": "W10="}, {"signatures": []}, {"payloadType": "text/plain"}, {"payload": 1}):
            proof.write_text(json.dumps(json.loads(text) | change))
            with pytest.raises(InvalidRequest):
                read_statement(proof, PAYLOAD_TYPE, public)

    def test_an_encrypted_key_needs_its_password(self, tmp_path: Path) -> None:
        own, _ = key_pair(tmp_path, "Ed25519", BestAvailableEncryption(b"secret"))

        assert load_signer(own, b"secret")
        for password in (None, b"wrong"):
            with pytest.raises(InvalidRequest) as refused:
                load_signer(own, password)
            assert "secret" not in str(refused.value)

    def test_a_file_without_a_key_is_refused(self, tmp_path: Path) -> None:
        own, public = key_pair(tmp_path, "Ed25519")

        with pytest.raises(InvalidRequest, match="no private key"):
            load_signer(public, None)
        with pytest.raises(InvalidRequest, match="no public key"):
            read_statement(public, PAYLOAD_TYPE, own)
