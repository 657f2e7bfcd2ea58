"""A small S3 for tests, as strict as OSS where clients can tell: signatures, virtual hosts, no aws-chunked bodies.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from aiohttp import web

KEY_ID, SECRET = "AKIDTESTS", "secret-of-the-tests"


@dataclass
class LocalS3:
    """One bucket, and what went wrong with requests to it."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    failures: int = 0  # the next so many requests are answered with 503

    async def answer(self, request: web.Request) -> web.Response:
        if self.failures:
            self.failures -= 1
            return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")
        body = await request.read()
        if "aws-chunked" in request.headers.get("Content-Encoding", ""):
            return self.refuse(400, "InvalidArgument")
        if not signed(request):
            return self.refuse(403, "SignatureDoesNotMatch")
        key, query = request.path.lstrip("/"), request.query
        match request.method:
            case "GET" if key in self.objects:
                return web.Response(body=self.objects[key], content_type=self.types[key])
            case "POST" if "uploads" in query:
                self.parts["u1" + key], self.types[key] = {}, request.content_type
                xml = f"<Bucket>b</Bucket><Key>{key}</Key><UploadId>u1{key}</UploadId>"
                return web.Response(text=f"<InitiateMultipartUploadResult>{xml}</InitiateMultipartUploadResult>")
            case "PUT" if "uploadId" in query:
                self.parts[query["uploadId"]][int(query["partNumber"])] = body
                return web.Response(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})
            case "POST" if "uploadId" in query:
                parts = self.parts.pop(query["uploadId"])
                self.objects[key] = b"".join(parts[number] for number in sorted(parts))
                xml = f"<Location>l</Location><Bucket>b</Bucket><Key>{key}</Key><ETag>e</ETag>"
                return web.Response(text=f"<CompleteMultipartUploadResult>{xml}</CompleteMultipartUploadResult>")
            case "PUT":
                self.objects[key], self.types[key] = body, request.content_type
                return web.Response(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})
            case _:
                return self.refuse(404, "NoSuchKey")

    def refuse(self, status: int, code: str) -> web.Response:
        self.refused.append(code)
        return web.Response(status=status, text=f"<Error><Code>{code}</Code></Error>")


def signed(request: web.Request) -> bool:
    """Check a signature of version 4, in the header or in the query."""
    query = dict(parse_qsl(request.query_string, keep_blank_values=True))
    if "X-Amz-Signature" in query:
        given = query.pop("X-Amz-Signature")
        names, credential, at = query["X-Amz-SignedHeaders"], query["X-Amz-Credential"], query["X-Amz-Date"]
        signed_at = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if datetime.now(UTC) > signed_at + timedelta(seconds=int(query["X-Amz-Expires"])):
            return False
        content = "UNSIGNED-PAYLOAD"
    else:
        fields = dict(
            one.strip().split("=", 1)
            for one in request.headers.get("Authorization", "").removeprefix("AWS4-HMAC-SHA256").split(",")
            if "=" in one
        )
        if not fields:
            return False
        given, names, credential = fields["Signature"], fields["SignedHeaders"], fields["Credential"]
        at, content = request.headers["x-amz-date"], request.headers["x-amz-content-sha256"]
    key_id, day, region, service, end = credential.split("/")
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names.split(";"))
    listed = "&".join(f"{quote(name, safe='-_.~')}={quote(text, safe='-_.~')}" for name, text in sorted(query.items()))
    asked = "\n".join((request.method, quote(request.path, safe="/-_.~"), listed, headers, names, content))
    scope = f"{day}/{region}/{service}/{end}"
    text = "\n".join(("AWS4-HMAC-SHA256", at, scope, hashlib.sha256(asked.encode()).hexdigest()))
    key = ("AWS4" + SECRET).encode()
    for word in (day, region, service, end, text):
        key = hmac.digest(key, word.encode(), "sha256")
    return key_id == KEY_ID and hmac.compare_digest(key.hex(), given)


@asynccontextmanager
async def local_s3() -> AsyncIterator[LocalS3]:
    """Serve a bucket on loopback; its URL is the bucket's own, so no bucket is in the path."""
    bucket = LocalS3()
    app = web.Application(client_max_size=200_000_000)
    app.router.add_route("*", "/{path:.*}", bucket.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        bucket.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield bucket
    finally:
        await runner.cleanup()
