"""The object storage beside the API: upload policies, the form upload, and signed links to results.

Behaves as OSS does where clients can tell: order of the form's fields, XML errors, ETag, signatures, expiry, Range.
https://help.aliyun.com/zh/oss/developer-reference/postobject and …/ddd-signatures-to-urls
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from aiohttp import BodyPartReader, web

from client.sandbox.limits import Limits

_KEY_ID = "LOCALKEYID"
_MAX_BYTES = 1024**3
_FORM_FIELDS = ("OSSAccessKeyId", "Signature", "policy", "key")


class OssError(Exception):
    """An answer of the storage that is no success: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> web.Response:
        """Write it the way OSS does."""
        request_id = secrets.token_hex(12).upper()
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>{self.code}</Code>\n'
            f"  <Message>{escape(self.message)}</Message>\n  <RequestId>{request_id}</RequestId>\n</Error>\n"
        )
        headers = {"x-oss-request-id": request_id}
        return web.Response(text=body, status=self.status, content_type="application/xml", headers=headers)


@dataclass(frozen=True)
class _Stored:
    path: Path
    stored_at: float


class Bucket:
    """Uploaded objects by key, and the signing of policies and links."""

    def __init__(self, folder: Path, limits: Limits, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._secret = secrets.token_bytes(20)
        self._objects: dict[str, _Stored] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def policy(self, upload_host: str, request_id: str) -> dict[str, object]:
        """Give the `data` of a getPolicy answer: leave to upload into one folder for a few minutes."""
        now = self._clock()
        day = datetime.fromtimestamp(now, UTC)
        folder = f"dashscope-instant/{secrets.token_hex(16)}/{day:%Y-%m-%d}/{request_id}"
        expires = datetime.fromtimestamp(now + self._limits.policy_s, UTC)
        text = {
            "expiration": expires.isoformat().replace("+00:00", "Z"),
            "conditions": [["content-length-range", 0, _MAX_BYTES], ["starts-with", "$key", folder]],
        }
        policy = base64.b64encode(json.dumps(text).encode()).decode()
        return {
            "policy": policy,
            "signature": self._sign(policy),
            "upload_dir": folder,
            "upload_host": upload_host,
            "expire_in_seconds": round(self._limits.policy_s),
            "max_file_size_mb": _MAX_BYTES // 1024**2,
            "capacity_limit_mb": 999_999_999,
            "oss_access_key_id": _KEY_ID,
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }

    async def upload(self, request: web.Request) -> web.Response:
        """Take a form upload. Raises OssError."""
        if request.content_length is None:
            raise OssError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if not request.content_type.startswith("multipart/form-data"):
            raise OssError(412, "PreconditionFailed", "The body of a POST must be multipart/form-data.")
        fields: dict[str, str] = {}
        form = await request.multipart()
        while (part := await form.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise OssError(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed.")
            if part.name == "file":
                key = self._permit(fields)
                digest = await self._store(key, part)
                return self._taken(fields, digest)
            fields[part.name or ""] = await part.text()
        raise OssError(400, "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request.")

    def find(self, url: str) -> Path | None:
        """Give the file of an `oss://` URL, as long as it is kept."""
        stored = self._objects.get(url.removeprefix("oss://"))
        if stored is None or self._clock() > stored.stored_at + self._limits.upload_keep_s:
            return None
        return stored.path

    def link(self, origin: str, path: str, until: float) -> str:
        """Sign a link to read a result."""
        expires = str(int(until))
        signature = self._sign(f"GET\n\n\n{expires}\n{path}")
        return f"{origin}{path}?" + urlencode({"Expires": expires, "OSSAccessKeyId": _KEY_ID, "Signature": signature})

    def admit(self, request: web.Request) -> None:
        """Check a signed link. Raises OssError when it was changed or is too old."""
        expires = request.query.get("Expires", "")
        if not expires.isdigit() or "Signature" not in request.query:
            raise OssError(403, "AccessDenied", "You have no right to access this object because of bucket acl.")
        expected = self._sign(f"{request.method}\n\n\n{expires}\n{request.path}")
        if not hmac.compare_digest(expected, request.query["Signature"]):
            raise OssError(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        if self._clock() > int(expires):
            raise OssError(403, "AccessDenied", "Request has expired.")

    def _permit(self, fields: dict[str, str]) -> str:
        """Check the fields that came before the file; those after it do not count."""
        missing = [field for field in _FORM_FIELDS if not fields.get(field)]
        if missing:
            raise OssError(
                400, "InvalidArgument", f"The POST must hold the field '{missing[0]}' before the file. Check the order."
            )
        policy, key = fields["policy"], fields["key"]
        if fields["OSSAccessKeyId"] != _KEY_ID:
            raise OssError(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist.")
        if not hmac.compare_digest(self._sign(policy), fields["Signature"]):
            raise OssError(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        terms = json.loads(base64.b64decode(policy))
        if self._clock() > datetime.fromisoformat(terms["expiration"]).timestamp():
            raise OssError(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        if not key.startswith(terms["conditions"][1][2] + "/"):
            raise OssError(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed: $key.")
        if fields.get("x-oss-forbid-overwrite") == "true" and key in self._objects:
            raise OssError(409, "FileAlreadyExists", "The object already exists and can not be overwritten.")
        return key

    async def _store(self, key: str, part: BodyPartReader) -> str:
        path = self._folder / secrets.token_hex(16)
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        with path.open("wb") as file:
            while chunk := await part.read_chunk(1 << 18):
                size += len(chunk)
                if size > _MAX_BYTES:
                    raise OssError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
                digest.update(chunk)
                file.write(chunk)
        self._objects[key] = _Stored(path, self._clock())
        return digest.hexdigest().upper()

    def _taken(self, fields: dict[str, str], digest: str) -> web.Response:
        headers = {"ETag": f'"{digest}"', "x-oss-request-id": secrets.token_hex(12).upper()}
        match fields.get("success_action_status"):
            case "200" | "201" as status:
                return web.Response(status=int(status), headers=headers)
            case _:
                return web.Response(status=204, headers=headers)

    def _sign(self, text: str) -> str:
        return base64.b64encode(hmac.digest(self._secret, text.encode(), "sha1")).decode()
