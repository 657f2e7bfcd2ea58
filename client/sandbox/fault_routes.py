"""Faults on demand over HTTP: `/local/faults`, for those who drive the local Wan from another process."""

from aiohttp import web

from client.sandbox.faults import Faults


def fault_routes(faults: Faults) -> list[web.RouteDef]:
    """Give the routes: POST adds one fault or a list of them, GET shows what is left, DELETE forgets it."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(faults.show())

    async def add(request: web.Request) -> web.Response:
        if request.content_type != "application/json":  # a foreign web page cannot send this without being asked
            return web.json_response({"error": "send application/json"}, status=415)
        try:
            given = await request.json()
            for fault in given if isinstance(given, list) else [given]:
                faults.add(**fault)
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(faults.show())

    async def clear(request: web.Request) -> web.Response:
        faults.clear()
        return web.json_response([])

    path = "/local/faults"
    return [web.get(path, show), web.post(path, add), web.delete(path, clear)]
