// The peer: the route of a single report as a Node team would build it, with the same function call behind it.
// Fastify checks the body by JSON Schema, ioredis makes one FCALL a report, the row's bytes go straight through.
// AUTOPIPELINE=1 lets ioredis gather the calls of a turn; without it each call is written by itself, none waits.
// DUTIES=1 does what our server does besides: a request id, one JSON line of log and the same metrics a request.

import { hash, randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import Redis from 'ioredis'
import { Counter, Histogram } from 'prom-client'

const OLDEST_MS = 7 * 86_400_000
const redis = new Redis({ path: process.env.SOCKET, enableAutoPipelining: process.env.AUTOPIPELINE === '1' })

const id = { type: 'string', pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' }
const pool = { type: 'string', maxLength: 120, pattern: '^[a-z0-9]+(?:[-.][a-z0-9]+)*$' }
const observed_at = { type: 'string', format: 'date-time' }
const places = { type: 'integer', minimum: 0, maximum: 100_000 }
const report = (type, required, properties) => ({
  type: 'object',
  additionalProperties: false,
  required: ['id', 'type', 'pool', ...required],
  properties: { id, pool, observed_at, type: { const: type }, ...properties },
})
const body = {
  type: 'object',
  additionalProperties: false,
  required: ['reports'],
  properties: {
    sent_at: { type: 'string', format: 'date-time' },
    reports: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: {
        type: 'object',
        discriminator: { propertyName: 'type' },
        required: ['type'],
        oneOf: [
          report('count', ['occupied'], { occupied: places }),
          report('movement', ['delta'], { delta: { type: 'integer', minimum: -1_000, maximum: 1_000 } }),
          report('confirmation', ['seq'], { seq: { type: 'integer', minimum: 0 } }),
        ],
      },
    },
  },
}

const WORTH = {
  count: (said) => [said.occupied, `"occupied":${said.occupied},`],
  movement: (said) => [said.delta, `"delta":${said.delta},`],
  confirmation: (said) => [said.seq, `"seen":${said.seq},`],
}

/** One report as the arguments of `report_v1`; the sender's clock is shifted to ours. */
function command(territory, said, shift, at, atText) {
  const observed = said.observed_at === undefined ? at : Math.min(at, Date.parse(said.observed_at) + shift)
  if (observed < at - OLDEST_MS) throw new Error('too old')
  const observedText = observed === at ? atText : new Date(observed).toISOString()
  const [worth, content] = WORTH[said.type](said)
  const tag = `{${territory}}:`
  return [
    'report_v1', 7,
    `${tag}meta`, `${tag}rows`, `${tag}stamps`, `${tag}stream`,
    `${tag}pool:${said.pool}`, `${tag}movements:${said.pool}`, `${tag}answer:${said.id}`,
    said.id, said.type, said.pool, observed, observedText, at,
    hash('sha1', `${said.type} ${said.pool} ${content}`).slice(0, 16),
    `"id":"${said.id}","type":"${said.type}","pool":"${said.pool}",${content}` +
      `"observed_at":"${observedText}","received_at":"${atText}"}`,
    worth,
  ]
}

const duties = process.env.DUTIES === '1'
const app = Fastify({
  logger: duties,
  disableRequestLogging: true,
  requestIdHeader: duties && 'x-request-id',
  genReqId: () => randomBytes(8).toString('hex'),
  ajv: { customOptions: { discriminator: true, coerceTypes: false } },
})

if (duties) {
  const requests = new Counter({ name: 'requests', help: 'answered', labelNames: ['method', 'route', 'status'] })
  const seconds = new Histogram({ name: 'seconds', help: 'to the end of the answer', labelNames: ['route'] })
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': request.id })
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url
    requests.inc({ method, route, status: reply.statusCode })
    seconds.observe({ route }, reply.elapsedTime / 1000)
    request.log.info({ method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'request')
  })
}
const counted = new Counter({ name: 'reports', help: 'answered', labelNames: ['type', 'outcome'] })

app.post('/v1/territories/:territory/reports', { schema: { body } }, async (request, reply) => {
  const at = Date.now()
  const atText = new Date(at).toISOString()
  const { sent_at, reports } = request.body
  const shift = sent_at === undefined ? 0 : at - Date.parse(sent_at)
  const answers = await Promise.all(
    reports.map((said) => redis.fcall(...command(request.params.territory, said, shift, at, atText))),
  )
  const results = answers.map(([outcome, seq, row], i) => {
    if (duties) counted.inc({ type: reports[i].type, outcome })
    if (outcome === 'rejected') return `{"id":"${reports[i].id}","outcome":"rejected","row":${row || 'null'}}`
    return `{"id":"${reports[i].id}","outcome":"${outcome}","seq":${seq},"row":${row || 'null'}}`
  })
  reply.type('application/json').send(`{"results":[${results.join(',')}]}`)
  return reply
})

app.get('/healthz', async () => ({ status: 'ok' }))

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
