// The HTTP side: one port for Shopify's endpoints and for the tests' own, on 127.0.0.1 only.

import { createServer } from 'node:http';

import { unauthorised } from './auth.js';
import { runDueJobs } from './cancel.js';
import { control } from './control.js';
import { ordersOperation, tokenOperation } from './faults.js';
import { GraphqlEndpoint } from './graphql.js';
import { parseJson } from './json.js';
import { ordersPath } from './rest.js';
import { apiVersion, loadSchema } from './schema.js';
import { Simulation } from './simulation.js';

const graphqlPath = `/admin/api/${apiVersion}/graphql.json`;
const tokenPath = '/admin/oauth/access_token';
const notFound = { status: 404, body: { errors: 'Not Found' } };

export class Server {
  #endpoint;
  #options;
  #http;
  #nextRequest = 1;

  constructor(options) {
    this.#options = options;
    this.#endpoint = new GraphqlEndpoint(options.schema ?? loadSchema());
    this.simulation = new Simulation(options);
    this.#http = createServer((request, response) => {
      this.#handle(request, response).catch((error) => {
        if (!response.headersSent) {
          send(response, { status: 500, body: { errors: `defect of the simulator: ${error.stack}` } });
        }
      });
    });
  }

  listen(port) {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => resolve(this.#http.address().port));
    });
  }

  close() {
    this.simulation.faults.clear();
    return new Promise((resolve) => {
      this.#http.close(resolve);
      this.#http.closeAllConnections();
    });
  }

  reset() {
    this.simulation.faults.clear();
    this.simulation = new Simulation(this.#options);
  }

  async #handle(request, response) {
    const { pathname: path, searchParams: query } = new URL(request.url, 'http://127.0.0.1');
    const text = await readBody(request);
    if (path.startsWith('/_sim/')) {
      runDueJobs(this.simulation.state);
      send(response, control(this, `${request.method} ${path}`, text) ?? notFound);
    } else if (request.method === 'POST' && path === graphqlPath) {
      await this.#graphql(request, response, text);
    } else if (request.method === 'POST' && path === tokenPath) {
      const { faults, auth } = this.simulation;
      const exchange = new Exchange(this.simulation, response, () => auth.grant(new URLSearchParams(text)));
      await exchange.run(faults.take([tokenOperation]));
    } else if (request.method === 'GET' && path === ordersPath) {
      await this.#orders(request, response, query);
    } else {
      send(response, notFound);
    }
  }

  async #orders(request, response, query) {
    const { stats, auth, faults, rest } = this.simulation;
    stats.begin();
    let status = null;
    try {
      stats.saw([ordersOperation]);
      const answer = () => (auth.accepts(request.headers['x-shopify-access-token'])
        ? rest.answer(query, `http://${request.headers.host}`) : unauthorised);
      status = await new Exchange(this.simulation, response, answer).run(faults.take([ordersOperation]));
    } finally {
      stats.end(status);
    }
  }

  async #graphql(request, response, text) {
    const { simulation } = this;
    const { stats, auth, idempotency } = simulation;
    const id = this.#nextRequest;
    this.#nextRequest += 1;
    stats.begin();
    let status = null;
    try {
      const prepared = this.#prepare(request, auth, text);
      stats.saw(prepared.roots ?? []);
      if (prepared.answer) {
        status = prepared.answer.status;
        send(response, prepared.answer);
        return;
      }
      idempotency.enter(id, prepared.idempotencyKeys);
      const exchange = new Exchange(simulation, response, () => this.#carryOut(simulation, prepared, id), prepared);
      const names = [...prepared.roots, prepared.operation.name?.value].filter(Boolean);
      status = await exchange.run(simulation.faults.take(names));
    } finally {
      idempotency.leave(id);
      stats.end(status);
    }
  }

  #prepare(request, auth, text) {
    if (!auth.accepts(request.headers['x-shopify-access-token'])) {
      return { answer: unauthorised };
    }
    const type = request.headers['content-type'] ?? 'none';
    if (!/^application\/json\b/.test(type)) {
      return { answer: { status: 501, body: { errors: `not implemented by the simulator: content-type ${type}`, unimplemented: type } } };
    }
    try {
      return this.#endpoint.prepare(parseJson(text));
    } catch (error) {
      if (error instanceof SyntaxError) {
        return { answer: { status: 400, body: { errors: `the body is no JSON: ${error.message}` } } };
      }
      throw error;
    }
  }

  #carryOut(simulation, prepared, id) {
    const { throttle } = simulation;
    const refusal = throttle.refusalFor(prepared.requestedCost);
    if (refusal) {
      return refusal;
    }
    runDueJobs(simulation.state);
    const { status, body, actualCost } = this.#endpoint.execute(prepared, simulation.context(id));
    throttle.pay(actualCost);
    return { status, body: { ...body, extensions: { cost: throttle.report(prepared.requestedCost, actualCost) } } };
  }
}

// One request and its answer, with the fault that strikes it. `apply` carries the request out and returns the answer.
class Exchange {
  #simulation;
  #response;
  #apply;
  #prepared;

  constructor(simulation, response, apply, prepared = null) {
    this.#simulation = simulation;
    this.#response = response;
    this.#apply = apply;
    this.#prepared = prepared;
  }

  // The status that was answered, or null where no whole answer was given.
  async run(fault) {
    const { kind = null, options = {} } = fault ?? {};
    switch (kind) {
      case null: return this.#send(this.#apply());
      case 'refuse': return this.#drop('resetAndDestroy');
      case 'die_before_apply': return this.#drop('destroy');
      case 'die_after_apply': this.#apply(); return this.#drop('destroy');
      case 'truncate': return this.#truncate(this.#apply());
      case 'hang': return this.#hang(options);
      case 'slow': return this.#slow(options);
      case 'status': return this.#status(options);
      case 'throttled_200': return this.#send(this.#throttled(200));
      case 'throttled_429': return this.#send(this.#throttled(429));
      case 'failed_key':
        this.#simulation.idempotency.spoil(this.#prepared.idempotencyKeys);
        return this.#send(this.#apply());
      case 'stale':
        this.#simulation.disturb(this.#prepared, options.delta ?? -1);
        return this.#send(this.#apply());
      default: throw new Error(`no fault of kind ${kind}`);
    }
  }

  #send(answer) {
    send(this.#response, answer);
    return answer.status;
  }

  #drop(how) {
    this.#response.socket?.[how]();
    return null;
  }

  #truncate({ status, headers = {}, body }) {
    const { response, bytes } = head(this.#response, status, headers, body);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => this.#drop('destroy'));
    return null;
  }

  async #hang({ apply = false }) {
    if (apply) {
      this.#apply();
    }
    await this.#simulation.faults.hold(new Promise((resolve) => this.#response.once('close', resolve)));
    return this.#drop('destroy');
  }

  async #slow({ delay_ms: delay = 1000, apply = false }) {
    const early = apply ? this.#apply() : null;
    await this.#simulation.clock.after(delay);
    return this.#send(early ?? this.#apply());
  }

  #status({ status = 503, headers = {}, body = '', apply = false }) {
    if (apply) {
      this.#apply();
    }
    return this.#send({ status, headers, body });
  }

  #throttled(form) {
    return this.#simulation.throttle.refuse(this.#prepared.requestedCost, form);
  }
}

function head(response, status, headers, body) {
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': bytes.length, 'x-shopify-api-version': apiVersion, ...headers,
  });
  return { response, bytes };
}

function send(target, { status, headers = {}, body }) {
  const { response, bytes } = head(target, status, headers, body);
  response.end(bytes);
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
