"""A service that verifies access tokens by the published keys, with PyJWT."""
import json
import sys

import jwt

given = json.load(sys.stdin)
keys = jwt.PyJWKClient(given["jwks"])


def verified(token, key=None, audience="porteiro", issuer="porteiro"):
    """Returns the subject of a token that passes, or the name of the error."""
    try:
        key = key or keys.get_signing_key_from_jwt(token).key
        claims = jwt.decode(token, key, algorithms=[given["algorithm"]], audience=audience, issuer=issuer,
                            options={"require": ["iss", "aud", "sub", "client_id", "sid", "jti", "iat", "exp"]})
    except Exception as error:
        return type(error).__name__
    return claims["sub"]


access, refresh = given["access"], given["refresh"]
json.dump({
    "access": verified(access),
    "typ": jwt.get_unverified_header(access)["typ"],
    "expired": verified(given["expired"]),
    "another audience": verified(access, audience="another"),
    "another issuer": verified(access, issuer="another"),
    "another signature": verified(given["tampered"]),
    "refresh": verified(refresh),
    "refresh, by the access key": verified(refresh, key=keys.get_signing_key_from_jwt(access).key),
}, sys.stdout)
