"""Private keys in a token behind PKCS#11 (a hardware module, or SoftHSM): made there, never to leave it.

Needs the extra ``pkcs11``. Keys are made sensitive and not extractable; the token's label of a key starts with
``credit-hub``. A lost session is opened again once; after that the module is out of order.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from hub.signing.providers import HELD
from hub.signing.suites import Jwk, Signer, Suite, b64u
from hub.token_uri import TokenUri
from schema.errors import HubError, ServiceError, SettingsError

T = TypeVar("T")
_ID = "pkcs11:id="
_ED25519 = bytes.fromhex("130c") + b"edwards25519"  # PKCS#11 3.0, 6.3.5: CKA_EC_PARAMS as a PrintableString
_P256 = bytes.fromhex("06082a8648ce3d030107")


class Pkcs11Keys:
    """One login at one token, used by all threads of a process in turn."""

    name = "pkcs11"

    def __init__(self, uri: TokenUri) -> None:
        try:
            import pkcs11
        except ImportError:
            raise SettingsError(
                "keys in a token need the extra pkcs11", hint="pip install 'delta-credit-hub[pkcs11]'"
            ) from None
        self._module, self._uri = pkcs11, uri
        self._lock = threading.RLock()
        self._session: Any = None
        self._found: dict[str, Any] = {}
        self._use(lambda session: None)

    def generate(self, suite: Suite, label: str) -> dict[str, Any]:
        p = self._module
        made, point = p.KeyType.EC, _P256
        steps, lead = p.Mechanism.EC_KEY_PAIR_GEN, b"\x04"
        if suite.jose == "EdDSA":
            made, point, steps, lead = p.KeyType.EC_EDWARDS, _ED25519, p.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, b""
        identity = secrets.token_bytes(16)

        def work(session: Any) -> bytes:
            domain = session.create_domain_parameters(made, {p.Attribute.EC_PARAMS: point}, local=True)
            secret = {p.Attribute.SENSITIVE: True, p.Attribute.EXTRACTABLE: False, p.Attribute.PRIVATE: True}
            public, private = domain.generate_keypair(
                mechanism=steps, store=True, label=f"credit-hub {label}", id=identity, private_template=secret
            )
            if private[p.Attribute.EXTRACTABLE]:
                private.destroy()
                raise ServiceError("the token made a key that can leave it", hint="use a token that keeps its keys")
            return bytes(public[p.Attribute.EC_POINT])

        raw = _point(self._use(work), lead)
        held = {HELD: _ID + identity.hex()}
        if suite.jose == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64u(raw), **held}
        return {"kty": "EC", "crv": "P-256", "x": b64u(raw[:32]), "y": b64u(raw[32:]), **held}

    def signer(self, jwk: Jwk, suite: Suite) -> Signer:
        if HELD not in jwk:
            return suite.signer(jwk)  # made before the setting was changed: it signs until it is rotated away
        signer = _TokenSigner(self, str(jwk[HELD]), suite)
        signer.sign(b"credit-hub")  # a key that is not there is noticed now, not at the first answer
        return signer

    def destroy(self, jwk: Jwk) -> None:
        held = str(jwk.get(HELD, ""))
        if not held:
            return

        def work(session: Any) -> None:
            identity = bytes.fromhex(held.removeprefix(_ID))
            for each in list(session.get_objects({self._module.Attribute.ID: identity})):
                each.destroy()

        self._found.pop(held, None)
        self._use(work)

    def sign(self, held: str, data: bytes, *, edwards: bool) -> bytes:
        mechanism = self._module.Mechanism.EDDSA if edwards else self._module.Mechanism.ECDSA

        def work(session: Any) -> bytes:
            key = self._found.get(held) or self._find(session, held)
            self._found[held] = key
            return bytes(key.sign(data if edwards else hashlib.sha256(data).digest(), mechanism=mechanism))

        return self._use(work)

    def _find(self, session: Any, held: str) -> Any:
        p = self._module
        wanted = {p.Attribute.ID: bytes.fromhex(held.removeprefix(_ID)), p.Attribute.CLASS: p.ObjectClass.PRIVATE_KEY}
        found = list(session.get_objects(wanted))
        if len(found) != 1:
            raise ServiceError(
                f"the token does not have the key {held}", hint="use the token that it was made in, or rotate the key"
            )
        return found[0]

    def _use(self, work: Callable[[Any], T]) -> T:
        with self._lock:
            for last in (False, True):
                try:
                    if self._session is None:
                        self._session = self._login()
                    return work(self._session)
                except HubError:
                    raise
                except (self._module.PKCS11Error, RuntimeError) as error:
                    self._session, self._found = None, {}
                    if last:
                        raise ServiceError(
                            f"the key token cannot be used: {type(error).__name__} {error}".rstrip(),
                            hint="check the module, the token and the PIN file of the pkcs11: URI",
                            message_zh="密钥设备不可用",
                        ) from None
            raise AssertionError

    def _login(self) -> Any:
        try:
            pin = self._uri.pin_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{self._uri.pin_file} cannot be read", hint="put the PIN of the token there") from None
        token = self._token()
        try:
            return token.open(user_pin=pin, rw=True)
        except self._module.UserAlreadyLoggedIn:
            return token.open(rw=True)
        except (self._module.PinIncorrect, self._module.PinLenRange, self._module.PinLocked):
            # Never tried twice: a token locks itself after a few wrong PINs.
            raise SettingsError(
                f"the PIN in {self._uri.pin_file} is not that of the token", hint="correct it before the next start"
            ) from None

    def _token(self) -> Any:
        wanted = self._uri.token
        names = {"token": "label", "manufacturer": "manufacturer_id", "model": "model"}
        found = []
        for slot in self._module.lib(self._uri.module).get_slots(token_present=True):
            token = slot.get_token()
            facts = {part: _text(getattr(token, name)) for part, name in names.items()}
            facts |= {"serial": _text(token.serial), "slot-id": str(slot.slot_id)}
            if all(facts[part] == value for part, value in wanted.items()):
                found.append(token)
        if len(found) != 1:
            raise ServiceError(
                f"{len(found)} tokens are called {dict(wanted)}", hint="correct the pkcs11: URI, or insert the token"
            )
        return found[0]


class _TokenSigner:
    def __init__(self, keys: Pkcs11Keys, held: str, suite: Suite) -> None:
        self.jose, self.http = suite.jose, suite.http
        self._keys, self._held = keys, held

    def sign(self, data: bytes) -> bytes:
        return self._keys.sign(self._held, data, edwards=self.jose == "EdDSA")


def _text(value: Any) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).rstrip("\0 ")


def _point(value: bytes, lead: bytes) -> bytes:
    """The coordinates out of CKA_EC_POINT: a DER OCTET STRING, or what some modules give, the bare point."""
    size = 64 if lead else 32
    raw = value[2:] if len(value) == size + len(lead) + 2 and value[0] == 0x04 else value
    if len(raw) != size + len(lead) or not raw.startswith(lead):
        raise ServiceError("the token gives a public key of an unknown form", hint="use another module")
    return raw[len(lead) :]
