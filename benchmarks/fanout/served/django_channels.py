"""Django Channels with its Redis layer on uvicorn: one group, one consumer a reader, as its tutorial has it."""

import os
from typing import Any

import django
import uvicorn
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.fanout.served.news import CHANNEL, deflates, port

LAYER = "channels_redis.core.RedisChannelLayer"
CAPACITY = 5_000
"""A channel holds 100 messages unless told otherwise, and drops the others of a burst."""


class Reader(AsyncWebsocketConsumer):
    groups = (CHANNEL,)

    async def news(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


def healthz(_: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("healthz", healthz)]

if __name__ == "__main__":
    hosts = [f"unix://{os.environ['SOCKET']}"]
    settings.configure(
        ROOT_URLCONF="benchmarks.fanout.served.django_channels",
        ALLOWED_HOSTS=["*"],
        CHANNEL_LAYERS={"default": {"BACKEND": LAYER, "CONFIG": {"hosts": hosts, "capacity": CAPACITY}}},
    )
    django.setup()
    app = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([path("", Reader.as_asgi())])})
    options: dict[str, Any] = {"ws": "websockets-sansio", "ws_per_message_deflate": deflates(), "loop": "uvloop"}
    uvicorn.run(app, host="127.0.0.1", port=port(), http="httptools", access_log=False, log_level="warning", **options)
