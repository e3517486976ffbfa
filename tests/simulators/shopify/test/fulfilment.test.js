import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fulfilDocument, location, orderId, startWithOrder } from './helper.js';

const all = (id) => ({ lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id }] });
const some = (id, line, quantity) => (
  { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id, fulfillmentOrderLineItems: [{ id: line, quantity }] }] });

test('everything is sent, with tracking, and the stock leaves', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const trackingInfo = { company: 'DHL', number: 'JD01', url: 'https://dhl.example/JD01' };
  const { fulfillment, userErrors } = await simulator.fulfil({ ...all(id), trackingInfo, notifyCustomer: true });
  assert.deepEqual(userErrors, []);
  assert.equal(fulfillment.status, 'SUCCESS');
  assert.equal(fulfillment.name, '#1001-F1');
  assert.deepEqual(fulfillment.trackingInfo, [{ number: 'JD01', url: 'https://dhl.example/JD01', company: 'DHL' }]);
  assert.deepEqual(fulfillment.fulfillmentLineItems.nodes, [{ quantity: 2 }]);
  assert.deepEqual(await simulator.quantities(), { available: 3, committed: 0, on_hand: 3 });
  const { order } = await simulator.data(`query ($id: ID!) { order(id: $id) { displayFulfillmentStatus
    fulfillments(first: 5) { id totalQuantity location { id } order { id } fulfillmentOrders(first: 2) { nodes { id status } } }
    lineItems(first: 5) { nodes { quantity unfulfilledQuantity } } } }`, { id: orderId });
  assert.deepEqual(order, {
    displayFulfillmentStatus: 'FULFILLED',
    fulfillments: [{ id: fulfillment.id, totalQuantity: 2, location: { id: location }, order: { id: orderId },
      fulfillmentOrders: { nodes: [{ id, status: 'CLOSED' }] } }],
    lineItems: { nodes: [{ quantity: 2, unfulfilledQuantity: 0 }] },
  });
});

test('fulfillmentCreate is not idempotent: a repeat of a part sends another part', async (t) => {
  const simulator = await startWithOrder(t);
  const { id, lineItems } = await simulator.fulfillmentOrder();
  const part = some(id, lineItems.nodes[0].id, 1);
  assert.deepEqual((await simulator.fulfil(part)).userErrors, []);
  const between = await simulator.fulfillmentOrder();
  assert.equal(between.status, 'IN_PROGRESS');
  assert.deepEqual(between.lineItems.nodes.map(({ remainingQuantity, totalQuantity }) => [remainingQuantity, totalQuantity]), [[1, 2]]);
  assert.deepEqual((await simulator.fulfil(part)).userErrors, []);
  const { Fulfillment: made } = await simulator.dump();
  assert.deepEqual(made.map(({ name }) => name), ['#1001-F1', '#1001-F2']);
});

test('fulfillmentCreate is not idempotent: a repeat of the whole meets a closed fulfilment order', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  await simulator.fulfil(all(id));
  const { fulfillment, userErrors } = await simulator.fulfil(all(id));
  assert.equal(fulfillment, null);
  assert.deepEqual(userErrors, [
    { field: ['fulfillment'], message: `Fulfillment order ${id.split('/').pop()} has an unfulfillable status= closed.` }]);
});

test('more than remains is refused and nothing is sent', async (t) => {
  const simulator = await startWithOrder(t);
  const { id, lineItems } = await simulator.fulfillmentOrder();
  const { fulfillment, userErrors } = await simulator.fulfil(some(id, lineItems.nodes[0].id, 3));
  assert.equal(fulfillment, null);
  assert.deepEqual(userErrors, [{ field: ['fulfillment'], message: 'Invalid fulfillment order line item quantity requested.' }]);
  assert.deepEqual(await simulator.quantities(), { available: 3, committed: 2, on_hand: 5 });
});

test('a quantity of nothing names its place', async (t) => {
  const simulator = await startWithOrder(t);
  const { id, lineItems } = await simulator.fulfillmentOrder();
  const { userErrors } = await simulator.fulfil(some(id, lineItems.nodes[0].id, 0));
  assert.deepEqual(userErrors, [{ message: 'Quantity must be greater than 0',
    field: ['fulfillment', 'lineItemsByFulfillmentOrder', '0', 'fulfillmentOrderLineItems', '0', 'quantity'] }]);
});

test('a fulfilment order or a line that is not there', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const message = async (input) => (await simulator.fulfil(input)).userErrors.map((error) => error.message);
  assert.deepEqual(await message(all('gid://shopify/FulfillmentOrder/1')), ['Fulfillment order does not exist.']);
  assert.deepEqual(await message(some(id, 'gid://shopify/FulfillmentOrderLineItem/1', 1)), ['Fulfillment order line item does not exist.']);
});

test('an id that no fulfilment order can have is a top-level error', async (t) => {
  const simulator = await startWithOrder(t);
  for (const id of ['gid://shopify/FulfillmentOrder/0', orderId]) {
    const { errors, data } = await simulator.ask(fulfilDocument, { fulfillment: all(id) });
    assert.equal(errors[0].message, 'invalid id');
    assert.deepEqual(errors[0].extensions, { code: 'RESOURCE_NOT_FOUND' });
    assert.deepEqual(errors[0].path, ['fulfillmentCreate']);
    assert.deepEqual(data, { fulfillmentCreate: null });
  }
});

test('one fulfilment is of one order and one location', async (t) => {
  const simulator = await startWithOrder(t);
  const { orders } = await simulator.seed({
    locations: [{ id: '7', name: 'Second' }],
    orders: [
      { id: '5001', lineItems: [{ sku: 'LAMP-1' }] },
      { id: '5002', lineItems: [{ sku: 'LAMP-1', location }, { sku: 'LAMP-1', location: '7' }] },
    ],
  });
  const both = (ids) => simulator.fulfil({ lineItemsByFulfillmentOrder: ids.map((fulfillmentOrderId) => ({ fulfillmentOrderId })) });
  const [first, second] = orders.map(({ fulfillmentOrders }) => fulfillmentOrders);
  assert.equal((await both([first[0], second[0]])).userErrors[0].message,
    'All fulfillment orders must belong to the same order. Multiple orders with ids [5001, 5002] were found.');
  assert.equal((await both(second)).userErrors[0].message,
    'All fulfillment orders must be assigned to a single location. Multiple locations with ids [7, 655441491] were found.');
});

test('tracking is replaced, and an unknown fulfilment refused', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const { fulfillment } = await simulator.fulfil(all(id));
  const update = (fulfillmentId) => simulator.data(`mutation ($id: ID!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id,
    trackingInfoInput: { company: "UPS", numbers: ["A", "B"] }) { fulfillment { trackingInfo { company number url } } userErrors {
    field message } } }`, { id: fulfillmentId }).then((data) => data.fulfillmentTrackingInfoUpdate);
  assert.deepEqual(await update(fulfillment.id), { userErrors: [], fulfillment: { trackingInfo: [
    { company: 'UPS', number: 'A', url: null }, { company: 'UPS', number: 'B', url: null }] } });
  assert.deepEqual(await update('gid://shopify/Fulfillment/1'),
    { fulfillment: null, userErrors: [{ field: ['fulfillmentId'], message: 'Fulfillment does not exist.' }] });
});
