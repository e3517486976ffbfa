import assert from 'node:assert/strict';
import { test } from 'node:test';

import { orderId, start, startWithOrder } from './helper.js';

const feed = `query ($query: String, $after: String, $first: Int!, $reverse: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: $reverse) {
    edges { cursor node { name updatedAt } } nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

async function startWithFive(t) {
  const simulator = await start(t);
  const orders = [3, 1, 2, 2, 5].map((second, index) => (
    { name: `#${1001 + index}`, createdAt: '2026-11-01T00:00:00Z', updatedAt: `2026-11-02T00:00:0${second}Z` }));
  await simulator.seed({ locations: [{}], orders });
  return simulator;
}

const names = ({ orders }) => orders.nodes.map(({ name }) => name);

test('orders are listed from an update time on, oldest first, ties by id', async (t) => {
  const simulator = await startWithFive(t);
  const ask = (query) => simulator.data(feed, { query, first: 10 }).then(names);
  assert.deepEqual(await ask(null), ['#1002', '#1003', '#1004', '#1001', '#1005']);
  assert.deepEqual(await ask("updated_at:>'2026-11-02T00:00:02Z'"), ['#1001', '#1005']);
  assert.deepEqual(await ask('updated_at:>=2026-11-02T00:00:02Z'), ['#1003', '#1004', '#1001', '#1005']);
  assert.deepEqual(await ask('updated_at:>="2026-11-02T01:00:05+01:00"'), ['#1005']);
  assert.deepEqual(await ask("updated_at:>=2026-11-02 AND updated_at:<'2026-11-02T00:00:03Z' name:#1003"), ['#1003']);
});

test('pages of two meet every order once, forwards and backwards', async (t) => {
  const simulator = await startWithFive(t);
  for (const reverse of [false, true]) {
    const met = [];
    let after = null;
    for (let more = true; more;) {
      const data = await simulator.data(feed, { first: 2, after, reverse });
      assert.deepEqual(data.orders.edges.map(({ node }) => node.name), names(data));
      assert.equal(data.orders.pageInfo.startCursor, data.orders.edges[0].cursor);
      assert.equal(data.orders.pageInfo.hasPreviousPage, after !== null);
      met.push(...names(data));
      more = data.orders.pageInfo.hasNextPage;
      after = data.orders.pageInfo.endCursor;
    }
    const expected = ['#1002', '#1003', '#1004', '#1001', '#1005'];
    assert.deepEqual(met, reverse ? expected.reverse() : expected);
  }
});

test('a page without a size is refused', async (t) => {
  const { errors } = await (await startWithFive(t)).ask('query { orders { nodes { id } } }');
  assert.equal(errors[0].message, 'you must provide one of first or last');
  assert.deepEqual(errors[0].extensions, { code: 'BAD_REQUEST' });
});

const cancelDocument = `mutation (
  $id: ID!, $restock: Boolean!, $refundMethod: OrderCancelRefundMethodInput, $note: String, $refund: Boolean
) {
  orderCancel(orderId: $id, reason: CUSTOMER, restock: $restock, refundMethod: $refundMethod, staffNote: $note, refund: $refund) {
    job { id done } orderCancelUserErrors { code field message } userErrors { field message } } }`;

const cancel = (simulator, variables = {}) => (
  simulator.data(cancelDocument, { id: orderId, restock: true, ...variables }).then((data) => data.orderCancel));

const cancelledAt = async (simulator) => (
  await simulator.data('query ($id: ID!) { order(id: $id) { cancelledAt cancelReason updatedAt } }', { id: orderId })).order;

test('orderCancel answers with a job, and the order is cancelled later', async (t) => {
  const simulator = await startWithOrder(t);
  const { job, orderCancelUserErrors } = await cancel(simulator);
  assert.deepEqual(orderCancelUserErrors, []);
  assert.equal(job.done, false);
  assert.equal((await cancelledAt(simulator)).cancelledAt, null);
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  assert.deepEqual(await cancelledAt(simulator),
    { cancelledAt: '2026-11-24T12:00:01Z', cancelReason: 'CUSTOMER', updatedAt: '2026-11-24T12:00:01Z' });
  assert.deepEqual(await simulator.data('query ($id: ID!) { job(id: $id) { done } }', { id: job.id }), { job: { done: true } });
  assert.deepEqual(await simulator.quantities(), { available: 5, committed: 0, on_hand: 5 });
});

test('orderCancel is not idempotent: a repeat after the job is refused', async (t) => {
  const simulator = await startWithOrder(t);
  await cancel(simulator);
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  assert.deepEqual(await cancel(simulator), {
    job: null,
    orderCancelUserErrors: [{ code: 'INVALID', field: ['orderId'], message: 'Cannot cancel an order that has already been canceled' }],
    userErrors: [{ field: ['orderId'], message: 'Cannot cancel an order that has already been canceled' }],
  });
});

test('an order of which something was sent cannot be cancelled', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  await simulator.fulfil({ lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] });
  const { job, orderCancelUserErrors } = await cancel(simulator);
  assert.equal(job, null);
  assert.deepEqual(orderCancelUserErrors, [
    { code: 'INVALID', field: ['orderId'], message: 'Cannot cancel an order that has outstanding fulfillments' }]);
});

test('a fulfilment made before the job runs stands, and the cancellation is dropped', async (t) => {
  const simulator = await startWithOrder(t);
  await cancel(simulator);
  const { id } = await simulator.fulfillmentOrder();
  assert.deepEqual((await simulator.fulfil({ lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] })).userErrors, []);
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  assert.equal((await cancelledAt(simulator)).cancelledAt, null);
});

test('after a cancellation the fulfilment order is closed with its quantities, unless they were refunded', async (t) => {
  for (const [refundMethod, quantity] of [[null, 2], [{ originalPaymentMethodsRefund: true }, 0]]) {
    const simulator = await startWithOrder(t);
    await cancel(simulator, { refundMethod, restock: false });
    await simulator.control('POST', 'clock', { advance_ms: 1000 });
    const { id, status, lineItems } = await simulator.fulfillmentOrder();
    assert.equal(status, 'CLOSED');
    assert.equal(lineItems.nodes[0].remainingQuantity, quantity);
    assert.equal(lineItems.nodes[0].totalQuantity, quantity);
    assert.deepEqual(await simulator.quantities(), { available: 3, committed: 0, on_hand: 3 });
    const { userErrors } = await simulator.fulfil({ lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] });
    assert.deepEqual(userErrors, [
      { field: ['fulfillment'], message: `Fulfillment order ${id.split('/').pop()} has an unfulfillable status= closed.` }]);
  }
});

test('orderCancel refuses an unknown order, a long note, and two ways to refund', async (t) => {
  const simulator = await startWithOrder(t);
  const code = async (variables) => (await cancel(simulator, variables)).orderCancelUserErrors.map((error) => [error.code, error.field]);
  assert.deepEqual(await code({ id: 'gid://shopify/Order/1' }), [['NOT_FOUND', ['orderId']]]);
  assert.deepEqual(await code({ note: 'x'.repeat(256) }), [['INVALID', ['staffNote']]]);
  assert.deepEqual(await code({ refund: false, refundMethod: { originalPaymentMethodsRefund: true } }), [['INVALID', ['refund']]]);
});
