import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';

import { change, fulfilDocument, row, startWithOrder, token } from './helper.js';

const shopName = 'query { shop { name } }';

async function readyToFulfil(t) {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const fulfil = () => simulator.raw(fulfilDocument, { fulfillment: { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] } });
  const fulfilments = async () => (await simulator.dump()).Fulfillment?.length ?? 0;
  return { simulator, fulfil, fulfilments };
}

// What comes back over a bare connection: the bytes, and whether the end was clean.
function bare({ base }, query) {
  const body = JSON.stringify({ query });
  const port = Number(new URL(base).port);
  return new Promise((resolve) => {
    const chunks = [];
    const socket = connect(port, '127.0.0.1');
    const end = (how) => resolve({ how, text: Buffer.concat(chunks).toString() });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', ({ code }) => end(code));
    socket.on('end', () => end('end'));
    socket.write(`POST /admin/api/2026-10/graphql.json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
      + `X-Shopify-Access-Token: ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
}

test('refuse: the connection is reset without a byte', async (t) => {
  const { simulator, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'refuse' });
  assert.deepEqual(await bare(simulator, shopName), { how: 'ECONNRESET', text: '' });
  assert.equal(await fulfilments(), 0);
});

test('die_before_apply: nothing is applied and nothing answered', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'die_before_apply', match: { operation: 'fulfillmentCreate' } });
  await assert.rejects(fulfil());
  assert.equal(await fulfilments(), 0);
  await simulator.fault({ kind: 'die_before_apply' });
  assert.deepEqual(await bare(simulator, shopName), { how: 'end', text: '' });
});

test('die_after_apply: it is applied, and nobody is told', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'die_after_apply', match: { operation: 'fulfillmentCreate' } });
  await assert.rejects(fulfil());
  assert.equal(await fulfilments(), 1);
  assert.equal((await simulator.stats()).unanswered, 1);
});

test('truncate: it is applied, and half of the answer comes', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'truncate', match: { operation: 'fulfillmentCreate' } });
  const response = await fulfil();
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
  assert.equal(await fulfilments(), 1);
  await simulator.fault({ kind: 'truncate' });
  const { text } = await bare(simulator, shopName);
  const [head, body] = text.split('\r\n\r\n');
  assert.equal(body.length, Math.floor(Number(/content-length: (\d+)/i.exec(head)[1]) / 2));
});

for (const apply of [false, true]) {
  test(`hang: no answer until the faults are cleared, ${apply ? 'though it is applied' : 'and nothing is applied'}`, async (t) => {
    const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
    await simulator.fault({ kind: 'hang', apply, match: { operation: 'fulfillmentCreate' } });
    const hanging = fulfil().then(() => 'answered', () => 'cut off');
    await simulator.until(({ held }) => held === 1);
    assert.equal(await fulfilments(), apply ? 1 : 0);
    await simulator.control('DELETE', 'faults');
    assert.equal(await hanging, 'cut off');
    assert.equal((await fulfil()).status, 200);
  });
}

test('hang: a client that gives up is let go', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'hang' });
  const giveUp = new AbortController();
  const asking = fetch(`${simulator.base}/admin/api/2026-10/graphql.json`, {
    method: 'POST', body: JSON.stringify({ query: shopName }), signal: giveUp.signal,
    headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
  });
  await simulator.until(({ held }) => held === 1);
  giveUp.abort();
  await assert.rejects(asking);
  await simulator.until(({ held, concurrent }) => held === 0 && concurrent === 0);
});

test('status: a page of a proxy, with headers', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  const body = '<html><body>503 Service Unavailable</body></html>';
  await simulator.fault({ kind: 'status', status: 503, headers: { 'retry-after': '7' }, body });
  const response = await fulfil();
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '7');
  assert.match(response.headers.get('content-type'), /text\/html/);
  assert.equal(await response.text(), body);
  assert.equal(await fulfilments(), 0);
});

test('status: a gateway that gives up on what is applied all the same', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'status', status: 504, body: { errors: 'Gateway Timeout' }, apply: true });
  const response = await fulfil();
  assert.equal(response.status, 504);
  assert.deepEqual(await response.json(), { errors: 'Gateway Timeout' });
  assert.equal(await fulfilments(), 1);
});

for (const [kind, status] of [['throttled_200', 200], ['throttled_429', 429]]) {
  test(`${kind}: a full bucket says that it is empty`, async (t) => {
    const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
    await simulator.fault({ kind });
    const response = await fulfil();
    assert.equal(response.status, status);
    assert.equal(response.headers.get('retry-after'), status === 429 ? '1.0' : null);
    const { errors, data, extensions } = await response.json();
    assert.equal(errors[0].extensions.code, 'THROTTLED');
    assert.equal(data, undefined);
    assert.equal(extensions.cost.actualQueryCost, null);
    assert.equal(await fulfilments(), 0);
  });
}

test('slow: applied and answered when the time has passed', async (t) => {
  const { simulator, fulfil, fulfilments } = await readyToFulfil(t);
  await simulator.fault({ kind: 'slow', delay_ms: 5000 });
  const asking = fulfil();
  await simulator.until(({ concurrent }) => concurrent === 1);
  assert.equal(await fulfilments(), 0);
  await simulator.control('POST', 'clock', { advance_ms: 5000 });
  assert.equal((await asking).status, 200);
  assert.equal(await fulfilments(), 1);
});

test('slow: a client that did not wait finds it applied later', async (t) => {
  const { simulator, fulfilments } = await readyToFulfil(t);
  const { id } = await simulator.fulfillmentOrder();
  const fulfillment = { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] };
  await simulator.fault({ kind: 'slow', delay_ms: 5000 });
  const giveUp = new AbortController();
  const asking = fetch(`${simulator.base}/admin/api/2026-10/graphql.json`, {
    method: 'POST', signal: giveUp.signal, headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
    body: JSON.stringify({ query: fulfilDocument, variables: { fulfillment } }),
  });
  await simulator.until(({ concurrent }) => concurrent === 1);
  giveUp.abort();
  await assert.rejects(asking);
  await simulator.control('POST', 'clock', { advance_ms: 5000 });
  await simulator.until(({ concurrent }) => concurrent === 0);
  assert.equal(await fulfilments(), 1);
});

test('failed_key: its key is one that failed, and another one is not', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'failed_key', match: { operation: 'inventorySetQuantities' } });
  const codes = async (key) => (await simulator.set([row()], { key })).userErrors.map(({ code }) => code);
  assert.deepEqual(await codes('key-1'), ['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']);
  assert.deepEqual(await codes('key-1'), ['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']);
  assert.deepEqual(await codes('key-2'), []);
  assert.equal((await simulator.quantities()).available, 9);
});

test('stale: somebody else sells one between the read and the write', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'stale', match: { operation: 'inventorySetQuantities' } });
  const { userErrors } = await simulator.set([row()]);
  assert.deepEqual(userErrors.map(({ code }) => code), ['CHANGE_FROM_QUANTITY_STALE']);
  assert.deepEqual(await simulator.quantities(), { available: 2, committed: 2, on_hand: 4 });
  const { journal } = await simulator.dump();
  assert.deepEqual(journal.map(({ operation, outcome }) => [operation, outcome]),
    [['somebody_else', 'applied'], ['inventorySetQuantities', 'refused']]);
  assert.deepEqual((await simulator.adjust([change({ changeFromQuantity: 2 })], { key: 'key-2' })).userErrors, []);
});

test('a fault strikes the operation it names, after those it lets pass, as often as it says', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'status', status: 500, match: { operation: 'shop', skip: 1, count: 2 } });
  await simulator.fault({ kind: 'status', status: 502, match: { operation: 'Named', count: null } });
  const statuses = [];
  for (const query of [shopName, 'query { orders(first: 1) { nodes { id } } }', shopName, shopName, shopName]) {
    statuses.push((await simulator.raw(query)).status);
  }
  assert.deepEqual(statuses, [200, 200, 500, 500, 200]);
  assert.equal((await simulator.raw('query Named { orders(first: 1) { nodes { id } } }')).status, 502);
  const { faults } = await simulator.control('GET', 'faults');
  assert.deepEqual(faults.map(({ struck, left }) => [struck, left]), [[2, 0], [1, null]]);
});

test('an invalid request does not use a fault up', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'status', status: 503 });
  assert.equal((await simulator.raw('query { nonsense }')).status, 200);
  assert.equal((await simulator.raw(shopName)).status, 503);
});

test('a fault that is misspelt is not taken', async (t) => {
  const simulator = await startWithOrder(t);
  for (const fault of [{ kind: 'explode' }, { kind: 'slow', seconds: 1 }, { kind: 'hang', match: { mutation: 'x' } }]) {
    await assert.rejects(simulator.fault(fault), /400/);
  }
});
