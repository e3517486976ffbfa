// What a test says to the simulator itself, under /_sim/.

import { parseJson } from './json.js';
import { FaultError } from './faults.js';
import { SeedError, seed } from './seed.js';

// `route` is "POST /_sim/seed"; `server.simulation` is what it speaks about. Returns { status, body }, or null for no such route.
export function control(server, route, text) {
  const action = routes[route];
  if (!action) {
    return null;
  }
  try {
    return { status: 200, body: action(server, text === '' ? {} : parseJson(text)) ?? { ok: true } };
  } catch (error) {
    if (error instanceof SeedError || error instanceof FaultError || error instanceof SyntaxError || error instanceof ControlError) {
      return { status: 400, body: { error: error.message } };
    }
    throw error;
  }
}

class ControlError extends Error {}

const routes = {
  'POST /_sim/seed': ({ simulation }, body) => seed(simulation.state, body),
  'POST /_sim/documents': ({ simulation }, { documents = [], remove = [], ...rest }) => {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) {
      throw new ControlError(`documents has no "${unknown}"`);
    }
    documents.forEach((text) => simulation.rest.put(text));
    remove.forEach((id) => simulation.rest.remove(id));
  },
  'GET /_sim/dump': ({ simulation }) => simulation.dump(),
  'GET /_sim/stats': ({ simulation }) => simulation.stats.report(simulation.throttle.throttled, simulation.faults.held()),
  'POST /_sim/reset': (server) => server.reset(),
  'POST /_sim/faults': ({ simulation }, body) => simulation.faults.order(body),
  'GET /_sim/faults': ({ simulation }) => ({ faults: simulation.faults.list(), held: simulation.faults.held() }),
  'DELETE /_sim/faults': ({ simulation }) => simulation.faults.clear(),
  'GET /_sim/clock': ({ simulation }) => clockReport(simulation),
  'POST /_sim/clock': ({ simulation }, body) => {
    moveClock(simulation.clock, body);
    return clockReport(simulation);
  },
  'POST /_sim/configure': ({ simulation }, body) => configure(simulation, body),
};

function clockReport({ clock }) {
  return { now: new Date(clock.now()).toISOString(), frozen: clock.isFrozen() };
}

function moveClock(clock, { set, advance_ms: advance, real }) {
  if (set !== undefined) {
    const milliseconds = Date.parse(set);
    if (Number.isNaN(milliseconds)) {
      throw new ControlError(`not a time: ${set}`);
    }
    clock.freezeAt(milliseconds);
  }
  if (advance !== undefined) {
    clock.advance(advance);
  }
  if (real) {
    clock.runReal();
  }
}

function configure(simulation, { throttle = {}, idempotency = {}, jobs = {}, auth = {}, rest = {}, ...more }) {
  const known = {
    throttle: ['maximum_available', 'currently_available', 'restore_rate', 'max_query_cost', 'form'],
    idempotency: ['repeat', 'failed', 'retention_ms'], jobs: ['delay_ms'], auth: ['token', 'lifetime', 'revoke'], rest: ['max_page'],
  };
  const given = { throttle, idempotency, jobs, auth, rest, ...more };
  for (const [section, values] of Object.entries(given)) {
    const unknown = known[section] ? Object.keys(values).find((name) => !known[section].includes(name)) : '';
    if (unknown !== undefined) {
      throw new ControlError(`no setting ${section}${unknown === '' ? '' : `.${unknown}`}`);
    }
  }
  if (Object.keys(throttle).length > 0) {
    simulation.throttle.configure(throttle);
  }
  Object.assign(simulation.idempotency.options, idempotency);
  Object.assign(simulation.settings.jobs, jobs);
  Object.assign(simulation.rest.settings, rest);
  const { revoke, ...rights } = auth;
  Object.assign(simulation.auth, rights);
  if (revoke) {
    simulation.auth.revoke();
  }
  return {
    throttle: simulation.throttle.options, idempotency: simulation.idempotency.options, jobs: simulation.settings.jobs,
    auth: { token: simulation.auth.token, lifetime: simulation.auth.lifetime }, rest: simulation.rest.settings,
  };
}
