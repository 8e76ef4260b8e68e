"""Writes test/golden/presigned.json: addresses that Amazon's own library signs, for keys and queries of all kinds.

Run from the project's root: python test/golden/make/presigned.py (needs botocore).
"""
import datetime
import json
import platform
from unittest import mock
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import botocore
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 29, 21, 5, 9)
KEYS = [
    "all/00000.png",
    "a b.png",
    "a+b.png",
    "a%20b.png",
    "ü/猫/🐈.jpg",
    "e\u0301.jpg",
    "it's (1)! *~-_.png",
    "&=?#;:@$,.png",
    "a//b.png",
    "\"<>\\^`{|}.png",
]
QUERIES = [
    {"list-type": "2", "encoding-type": "url", "prefix": "all/"},
    {"list-type": "2", "encoding-type": "url", "prefix": "a b&c+ü/it's (1)!*~%/"},
    {"list-type": "2", "encoding-type": "url", "prefix": "", "continuation-token": "1+2/3==ü"},
]
TOKEN = "IQoJb3JpZ2lu+X2Vj/EA=="


def signature(url, token=None, region="us-east-1"):
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", token)
    request = AWSRequest(method="GET", url=url)
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        S3SigV4QueryAuth(credentials, "s3", region, expires=86400).add_auth(request)
    [found] = parse_qs(urlsplit(request.url).query)["X-Amz-Signature"]
    return found


def case(base, key, query=None, token=None, region="us-east-1"):
    url = f"{base}/pictures/{quote(key, safe='/~')}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    made = {"base": base, "key": key, "query": query or {}, "region": region}
    return {**made, **({"token": token} if token else {}), "signature": signature(url, token, region)}


here = "http://127.0.0.1:9000"
amazon = "https://s3.eu-central-1.amazonaws.com"
cases = [
    *[case(here, key) for key in KEYS],
    *[case(here, "", query) for query in QUERIES],
    *[case(amazon, KEYS[0], token=token, region="eu-central-1") for token in [None, TOKEN]],
    case(amazon, "", QUERIES[1], TOKEN, "eu-central-1"),
]
made_by = {"script": "test/golden/make/presigned.py", "botocore": botocore.__version__, "python": platform.python_version()}
with open("test/golden/presigned.json", "w") as file:
    json.dump({"madeBy": made_by, "datetime": NOW.strftime("%Y%m%dT%H%M%SZ"), "cases": cases}, file, indent=1)
    file.write("\n")
