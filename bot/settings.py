"""Every setting: its meaning, its unit and its default. Read from the environment, then from `.env`.

Names that other tools know too keep their usual spelling (`SLACK_BOT_TOKEN`, `DASHSCOPE_API_KEY`); ours begin with
`BOT_`. What a missing setting means for a person, and where to get it, stands with the setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.budget import Amount, Cap, Tariff, check_currency, currency_of, parse_amount, parse_caps
from bot.rights import Rights
from bot.setting_types import BucketUrl, LogLevel, PlainSecret, Port, StoreUrl, WebUrl, Words, plain_secret
from client.regions import Region, region_of

CREATE_ARRIVES_WITHIN_S = 100.0  # a claim is good for 10 s, and a create ends within 90 s
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})  # where a local Wan is, which answers at once


class Settings(BaseSettings):
    """All settings of the bot; frozen once read."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    slack_bot_token: PlainSecret = Field(
        validation_alias="SLACK_BOT_TOKEN",
        description="Bot token of your Slack app, `xoxb-…`: api.slack.com/apps → your app → OAuth & Permissions.",
    )
    http_port: Port = Field(
        default=None,
        ge=0,
        le=65535,
        validation_alias="BOT_HTTP_PORT",
        description="Port to take Slack's signed requests on, at `/slack/events`, instead of Socket Mode. TLS is the "
        "proxy's in front.",
    )
    http_host: str = Field(
        default="127.0.0.1",
        validation_alias="BOT_HTTP_HOST",
        description="Address that `BOT_HTTP_PORT` is opened on; `0.0.0.0` in a container.",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        validation_alias="SLACK_SIGNING_SECRET",
        description="Signing secret of your Slack app, required with `BOT_HTTP_PORT`: your app → Basic Information.",
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        validation_alias="SLACK_APP_TOKEN",
        description="App-level token with `connections:write`, `xapp-…`, required without `BOT_HTTP_PORT`: your app → "
        "Basic Information.",
    )
    slack_api_url: WebUrl = Field(
        default="https://slack.com/api/",
        validation_alias="SLACK_API_URL",
        description="Slack's Web API, or a local workspace. Its exact origin is trusted as Slack's.",
    )
    dashscope_api_key: PlainSecret = Field(
        validation_alias="DASHSCOPE_API_KEY",
        description="Model Studio API key, `sk-…`, of the region of the base URL: the Model Studio console → API keys.",
    )
    dashscope_http_base_url: WebUrl = Field(
        default="https://dashscope.aliyuncs.com/api/v1",
        validation_alias="DASHSCOPE_HTTP_BASE_URL",
        description="Model Studio's API. Default is Beijing; Singapore is `https://dashscope-intl.aliyuncs.com/api/v1`.",
    )
    bucket_url: BucketUrl = Field(
        default="",
        validation_alias="WAN_BUCKET_URL",
        description="S3 or OSS bucket of your own for media on their way to Wan, by its own https URL, like "
        "`https://NAME.oss-cn-beijing.aliyuncs.com/folder`. Default: Model Studio's temporary storage. Needs the extra "
        "`bucket`.",
    )
    aws_access_key_id: str = Field(
        default="",
        validation_alias="AWS_ACCESS_KEY_ID",
        description="Key id for that bucket, S3's or OSS's; without it AWS profiles and roles count.",
    )
    aws_secret_access_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="AWS_SECRET_ACCESS_KEY", description="The secret of that key."
    )
    store_url: StoreUrl = Field(
        default="",
        validation_alias="STORE_URL",
        description="Where edits are kept: `embedded://folder` (default `embedded://./data`), `redis://…` (several "
        "replicas) or `memory://` (a restart loses everything). Wins over `REDIS_URL`.",
    )
    redis_url: StoreUrl = Field(
        default="", validation_alias="REDIS_URL", description="Used where `STORE_URL` is not set, as hosts provide it."
    )
    retry_emoji: str = Field(
        default="repeat",
        validation_alias="BOT_RETRY_EMOJI",
        description="Name of the reaction that runs an edit again with a new seed.",
    )
    cancel_emoji: str = Field(
        default="x", validation_alias="BOT_CANCEL_EMOJI", description="Name of the reaction that cancels an edit."
    )
    admins: Words = Field(
        default=frozenset(),
        validation_alias="BOT_ADMINS",
        description="Slack user ids, separated by commas, who may use the bot everywhere, cancel, delete or approve "
        "anybody's edit, and see who spent what.",
    )
    allowed_channels: Words = Field(
        default=frozenset(),
        validation_alias="BOT_ALLOWED_CHANNELS",
        description="Ids of the conversations, separated by commas, where the bot may be used (default: all).",
    )
    allowed_groups: Words = Field(
        default=frozenset(),
        validation_alias="BOT_ALLOWED_GROUPS",
        description="Ids of the user groups (`S…`), separated by commas, whose members may use the bot (default: "
        "everybody). With `BOT_ALLOWED_CHANNELS`, both must hold.",
    )
    external_people: bool = Field(
        default=False,
        validation_alias="BOT_EXTERNAL_PEOPLE",
        description="Whether people of other organisations may use the bot in channels that are shared with them.",
    )
    caps: Annotated[tuple[Cap, ...], NoDecode] = Field(
        default=(),
        validation_alias="BOT_CAPS",
        description="What may be spent, separated by commas: `person 60s/day, channel ¥50/day, workspace ¥500/month`. "
        "Billed seconds, or money where the price is known; an edit counts when it was asked for, in UTC, and with a "
        "second more than expected until it is billed, so that no cap is passed.",
    )
    approve_above: Annotated[Amount | None, NoDecode] = Field(
        default=None,
        validation_alias="BOT_APPROVE_ABOVE",
        description="An edit that is expected to cost more, such as `15s` or `¥10`, waits until one of `BOT_ADMINS` "
        "approves it. Their own edits do not.",
    )
    trusted_origins: Words = Field(
        default=frozenset(),
        validation_alias="BOT_TRUSTED_ORIGINS",
        description="Origins (`http://host:port`, separated by commas) from which links are fetched although they are "
        "not public https. For tests and the sandbox; leave empty.",
    )
    retention_days: float = Field(
        default=30,
        gt=0,
        validation_alias="BOT_RETENTION_DAYS",
        description="Days after which a finished edit is deleted.",
    )
    running_limit: int = Field(
        default=5,
        ge=1,
        validation_alias="BOT_RUNNING_LIMIT",
        description="Tasks that the provider account may hold at once (Wan allows 5 an account).",
    )
    edits_per_person: int = Field(
        default=10,
        ge=1,
        validation_alias="BOT_EDITS_PER_PERSON",
        description="Edits that one person may have waiting and running at once; a further one is refused privately.",
    )
    reconcile_every_s: float = Field(
        default=0.75,
        gt=0,
        validation_alias="BOT_RECONCILE_EVERY_S",
        description="Seconds between two looks at the records and at the task list (two list calls each, of the "
        "account's 20 a second).",
    )
    adopt_after_s: float = Field(
        default=120,
        gt=0,
        validation_alias="BOT_ADOPT_AFTER_S",
        description="Seconds after which a create without an answer is looked up in the task list; at least 100, "
        "because one may be on its way for so long.",
    )
    slack_pace: float = Field(
        default=1,
        gt=0,
        validation_alias="BOT_SLACK_PACE",
        description="How many times Slack's published limits the bot may call it; all replicas count together.",
    )
    redelivery_s: float = Field(
        default=6,
        gt=0,
        validation_alias="BOT_REDELIVERY_S",
        description="Seconds after which the steps of a dead replica may be taken over; a search every quarter of it "
        "finds them.",
    )
    fetch_limit_mb: int = Field(
        default=1000,
        ge=1,
        validation_alias="BOT_FETCH_LIMIT_MB",
        description="Megabytes that a video may have to be fetched (Slack's own limit is 1000); it is cut and made "
        "smaller as far as Wan needs it. So much disk is used for each one on its way.",
    )
    check_results: bool = Field(
        default=True,
        validation_alias="BOT_CHECK_RESULTS",
        description="Look at each result before it is posted (length, shape, sound, black, still, unchanged) and say "
        "with the video what seems wrong. Costs a second of one core for an edit.",
    )
    posters: bool = Field(
        default=True,
        validation_alias="BOT_POSTERS",
        description="Keep a small picture of each result for its requester's App Home: a file of the bot's own that is "
        "shared nowhere, deleted with the edit. Costs 0.2 s of one core for an edit.",
    )
    temp_dir: Path | None = Field(
        default=None,
        validation_alias="BOT_TEMP_DIR",
        description="Folder for clips on their way (default: the system's); each is deleted after its step, and what a "
        "killed bot leaves when the next one starts.",
    )
    log_level: LogLevel = Field(
        default="INFO", validation_alias="BOT_LOG_LEVEL", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )

    @field_validator("slack_signing_secret", "slack_app_token")
    @classmethod
    def _way_in(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        over_http = info.data.get("http_port") is not None
        if value.get_secret_value():
            return plain_secret(value)
        if over_http is (info.field_name == "slack_signing_secret"):
            raise PydanticCustomError("missing", "it is needed")
        return value

    @field_validator("adopt_after_s")
    @classmethod
    def _late_enough(cls, value: float, info: ValidationInfo) -> float:
        host = urlsplit(info.data.get("dashscope_http_base_url", "")).hostname
        if value < CREATE_ARRIVES_WITHIN_S and host not in LOOPBACK:
            raise PydanticCustomError("too_soon", "a create that is looked up before 100 s are over may be paid twice")
        return value

    @field_validator("caps", mode="before")
    @classmethod
    def _caps(cls, value: Any) -> Any:
        return parse_caps(value) if isinstance(value, str) else value

    @field_validator("approve_above", mode="before")
    @classmethod
    def _amount(cls, value: Any) -> Any:
        return parse_amount(value) if isinstance(value, str) and value else value or None

    @field_validator("caps", "approve_above")
    @classmethod
    def _affordable(cls, value: Any, info: ValidationInfo) -> Any:
        caps = value if info.field_name == "caps" else info.data.get("caps", ())
        above = [value] if isinstance(value, Amount) else []
        if above and not info.data.get("admins"):
            raise PydanticCustomError("admins", "somebody must be able to approve, so BOT_ADMINS is needed too")
        check_currency([*(cap.amount for cap in caps), *above], region_of(info.data.get("dashscope_http_base_url", "")))
        return value

    @property
    def tariff(self) -> Tariff:
        """Return which prices hold for the account: its region's, in the currency of the caps."""
        amounts = [*(cap.amount for cap in self.caps), *([self.approve_above] if self.approve_above else [])]
        return Tariff(region_of(self.dashscope_http_base_url), currency_of(amounts))

    @property
    def rights(self) -> Rights:
        """Return who may use the bot, and who may end what others asked for."""
        return Rights(self.admins, self.allowed_channels, self.allowed_groups, external=self.external_people)

    @property
    def over_http(self) -> bool:
        """Say whether Slack posts to us, instead of our opening sockets to Slack."""
        return self.http_port is not None

    @property
    def region(self) -> Region | None:
        """Return where the model is served, which prices and keys depend on; None for anything but Model Studio."""
        return region_of(self.dashscope_http_base_url)

    @property
    def where(self) -> str:
        """Return the store's URL: `STORE_URL`, else `REDIS_URL`, else the embedded server in `./data`."""
        return self.store_url or self.redis_url or "embedded://./data"
