"""A service that verifies access tokens with flask-jwt-extended, as services of the Flask app do."""
import base64
import json
import sys

from flask import Flask
from flask_jwt_extended import JWTManager, get_jwt_identity, jwt_required

given = json.load(sys.stdin)
app = Flask(__name__)
app.config["JWT_ALGORITHM"] = given["algorithm"]
app.config["JWT_DECODE_AUDIENCE"] = "porteiro"
app.config["JWT_DECODE_ISSUER"] = "porteiro"
app.config["JWT_IDENTITY_CLAIM"] = "sub"
if given["algorithm"] == "HS256":
    app.config["JWT_SECRET_KEY"] = base64.b64decode(given["secret"])
else:
    app.config["JWT_PUBLIC_KEY"] = given["public"]
JWTManager(app)


@app.route("/plain")
@jwt_required()
def plain():
    return {"identity": get_jwt_identity()}


@app.route("/optional")
@jwt_required(optional=True)
def optional():
    return {"identity": get_jwt_identity()}


@app.route("/refresh")
@jwt_required(refresh=True)
def refresh():
    return {"identity": get_jwt_identity()}


@app.route("/fresh")
@jwt_required(fresh=True)
def fresh():
    return {"identity": get_jwt_identity()}


client = app.test_client()
answers = {}
for route in ["plain", "optional", "refresh", "fresh"]:
    for name in ["access", "expired", "tampered", "refresh"]:
        answer = client.get("/" + route, headers={"Authorization": "Bearer " + given[name]})
        answers[f"{name} at {route}"] = answer.json["identity"] if answer.status_code == 200 else str(answer.status_code)
json.dump(answers, sys.stdout)
