// `ws`, with Redis between the publisher and this process: the text comes as bytes and goes out as it came.
// DEFLATE=1 turns compression on for every message, however short.

import { createServer } from 'node:http'
import Redis from 'ioredis'
import { WebSocketServer } from 'ws'

const http = createServer((_request, response) => response.end('ok'))
const perMessageDeflate = process.env.DEFLATE === '1' && { threshold: 0 }
const server = new WebSocketServer({ server: http, perMessageDeflate })
const redis = new Redis({ path: process.env.SOCKET })
redis.on('messageBuffer', (_channel, text) => {
  for (const reader of server.clients) reader.send(text, { binary: false })
})
await redis.subscribe('news')
http.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4096 })
