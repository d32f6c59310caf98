// Socket.IO as its pages say it for several servers: the Redis adapter, and an emitter elsewhere that publishes.
// DEFLATE=1 turns compression on for every message, however short.

import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import Redis from 'ioredis'
import { Server } from 'socket.io'

const http = createServer((_request, response) => response.end('ok'))
const redis = new Redis({ path: process.env.SOCKET })
new Server(http, {
  adapter: createAdapter(redis, redis.duplicate()),
  perMessageDeflate: process.env.DEFLATE === '1' && { threshold: 0 },
  pingInterval: 600_000, // our readers answer no ping of Engine.IO, and none is to fall into a round
  serveClient: false,
  transports: ['websocket'],
})
http.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4096 })
