"""ristretto255 (RFC 9496) in Python's integers, for machines without libsodium: right, and some thirty times slower.

Integers of Python do not take constant time. Every product of a secret therefore takes the same steps, for the secret
plus a random multiple of the group's order and from a randomly scaled point, so that times say nothing of the secret
itself. Names follow section 4 of the RFC.
"""

from __future__ import annotations

import secrets

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P
BLINDING = 64  # bits of the random multiple of the order
WINDOWS = (253 + BLINDING + 3) // 4 + 1

Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T of the Edwards curve
_IDENTITY: Point = (0, 1, 1, 0)


def _negative(value: int) -> bool:
    return bool(value & 1)


def _absolute(value: int) -> int:
    return P - value if value & 1 else value


def _sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    """Section 4.2: whether u/v is a square, and the non-negative root of it, or of SQRT_M1·u/v."""
    v3 = v * v % P * v % P
    root = u * v3 * pow(u * v3 % P * v3 % P * v % P, (P - 5) // 8, P) % P
    check = v * root % P * root % P
    wrong_sign = check == -u % P
    if wrong_sign or check == -u * SQRT_M1 % P:
        root = root * SQRT_M1 % P
    return check == u % P or wrong_sign, _absolute(root)


SQRT_AD_MINUS_ONE = P - _sqrt_ratio(-D - 1, 1)[1]  # the RFC takes the odd one of the two roots
INVSQRT_A_MINUS_D = _sqrt_ratio(1, -1 - D)[1]


def _decode(data: bytes) -> Point | None:
    """Section 4.3.1; None for what encodes no element."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or _negative(s):
        return None
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 % P * u1) - u2_sqr) % P
    square, invsqrt = _sqrt_ratio(1, v * u2_sqr % P)
    den_x = invsqrt * u2 % P
    x = _absolute(2 * s * den_x % P)
    y = u1 * (invsqrt * den_x % P * v % P) % P
    t = x * y % P
    if not square or _negative(t) or y == 0:
        return None
    return x, y, 1, t


def _encode(point: Point) -> bytes:
    """Section 4.3.2."""
    x0, y0, z0, t0 = point
    u1, u2 = (z0 + y0) * (z0 - y0) % P, x0 * y0 % P
    _, invsqrt = _sqrt_ratio(1, u1 * u2 % P * u2 % P)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 % P * t0 % P
    if _negative(t0 * z_inv % P):
        x, y, den = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den = x0, y0, den2
    if _negative(x * z_inv % P):
        y = -y % P
    return _absolute(den * (z0 - y) % P).to_bytes(32, "little")


def _map(data: bytes) -> Point:
    """Section 4.3.4: MAP of half a hash."""
    t = int.from_bytes(data, "little") & (2**255 - 1)
    r = SQRT_M1 * t % P * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, s = _sqrt_ratio(u, v)
    c = -1 % P
    if not square:
        s, c = -_absolute(s * t % P) % P, r
    n = (c * (r - 1) % P * D_MINUS_ONE_SQ - v) % P
    w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
    ss = s * s % P
    w2, w3 = (1 - ss) % P, (1 + ss) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def _add(one: Point, other: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 % P * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e, g = h - (x + y) * (x + y), a - b
    f = 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, point: Point) -> Point:
    """Always WINDOWS times four doublings and one addition, whatever the scalar is."""
    blinded = scalar + ORDER * secrets.randbits(BLINDING)
    scale = 1 + secrets.randbelow(P - 1)
    x, y, z, t = (part * scale % P for part in point)
    table: list[Point] = [_IDENTITY, (x, y, z, t)]
    for _ in range(14):
        table.append(_add(table[-1], table[1]))
    total = _IDENTITY
    for shift in range(4 * (WINDOWS - 1), -1, -4):
        total = _double(_double(_double(_double(total))))
        total = _add(total, table[blinded >> shift & 15])
    return total


class Edwards:
    """The functions of libsodium that person tokens need, with the same results. Raises ValueError as it does."""

    name = "Python"

    def from_hash(self, expanded: bytes) -> bytes:
        if len(expanded) != 64:
            raise ValueError("64 bytes are needed")
        return _encode(_add(_map(expanded[:32]), _map(expanded[32:])))

    def is_element(self, element: bytes) -> bool:
        return _decode(element) is not None

    def times(self, scalar: bytes, element: bytes) -> bytes:
        point = _decode(element)
        if point is None or len(scalar) != 32:
            raise ValueError("not an element or scalar of ristretto255")
        result = _encode(_multiply(int.from_bytes(scalar, "little") % ORDER, point))
        if not any(result):
            raise ValueError("the product is the identity")
        return result

    def base_times(self, scalar: bytes) -> bytes:
        return self.times(scalar, bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
