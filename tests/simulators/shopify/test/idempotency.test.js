import assert from 'node:assert/strict';
import { test } from 'node:test';

import { change, row, setDocument, startWithOrder } from './helper.js';

const day = 24 * 60 * 60 * 1000;
const codes = ({ userErrors }) => userErrors.map(({ code }) => code);

test('same key, same parameters: the first answer comes again and nothing is applied again', async (t) => {
  const simulator = await startWithOrder(t);
  const first = await simulator.adjust([change()]);
  const again = await simulator.adjust([change()]);
  assert.deepEqual(again, first);
  assert.equal((await simulator.quantities()).available, 5);
  const { journal } = await simulator.dump();
  assert.deepEqual(journal.map(({ operation, outcome, replayed, idempotency_key: key }) => [operation, outcome, replayed, key]), [
    ['inventoryAdjustQuantities', 'applied', false, 'key-1'], ['inventoryAdjustQuantities', 'replayed', true, 'key-1']]);
});

test('the order in which parameters are named makes no difference', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.set([row()]);
  const backwards = Object.fromEntries(Object.entries(row()).reverse());
  assert.deepEqual(codes(await simulator.set([backwards])), []);
  assert.equal((await simulator.dump()).journal[1].replayed, true);
});

test('same key, other parameters: a mismatch', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.set([row()]);
  const { inventoryAdjustmentGroup, userErrors } = await simulator.set([row({ quantity: 10, changeFromQuantity: 9 })]);
  assert.equal(inventoryAdjustmentGroup, null);
  assert.deepEqual(userErrors, [{ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', field: null,
    message: 'The same idempotency key cannot be used with different operation parameters.' }]);
  assert.equal((await simulator.quantities()).available, 9);
});

test('same key, another mutation: a mismatch', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.set([row()]);
  assert.deepEqual(codes(await simulator.adjust([change({ changeFromQuantity: 9 })])), ['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
});

test('a key in flight: a concurrent request, and free again once the first is gone', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'hang', match: { operation: 'inventorySetQuantities' } });
  const hanging = simulator.raw(setDocument, { input: { name: 'available', reason: 'correction', quantities: [row()] }, key: 'key-1' })
    .then(() => 'answered', () => 'cut off');
  await simulator.until(({ held }) => held === 1);
  assert.deepEqual((await simulator.set([row()])).userErrors, [{ code: 'IDEMPOTENCY_CONCURRENT_REQUEST', field: null,
    message: 'This request is currently in progress, please try again.' }]);
  assert.deepEqual(codes(await simulator.set([row()], { key: 'key-2' })), []);
  await simulator.control('DELETE', 'faults');
  assert.equal(await hanging, 'cut off');
  await simulator.until(({ concurrent }) => concurrent === 0);
  assert.deepEqual(codes(await simulator.set([row({ changeFromQuantity: 9, quantity: 10 })])), []);
});

test('an answer that got lost is found again by its key', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'die_after_apply' });
  await assert.rejects(simulator.adjust([change()]));
  assert.deepEqual(codes(await simulator.adjust([change()])), []);
  assert.equal((await simulator.quantities()).available, 5);
});

test('a key is forgotten after its retention', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.adjust([change()]);
  await simulator.control('POST', 'clock', { advance_ms: day });
  assert.deepEqual(codes(await simulator.adjust([change({ changeFromQuantity: 5 })])), []);
  assert.equal((await simulator.quantities()).available, 7);
});

test('a refusal is repeated, or asks for a new key where that is configured', async (t) => {
  const simulator = await startWithOrder(t);
  const stale = () => simulator.adjust([change({ changeFromQuantity: 4 })]);
  assert.deepEqual(codes(await stale()), ['CHANGE_FROM_QUANTITY_STALE']);
  assert.deepEqual(codes(await stale()), ['CHANGE_FROM_QUANTITY_STALE']);
  await simulator.control('POST', 'configure', { idempotency: { failed: 'previous_attempt_failed' } });
  assert.deepEqual(codes(await stale()), ['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']);
});

test('where repeats are evaluated anew, the repeat of a success is stale and still applies nothing', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.control('POST', 'configure', { idempotency: { repeat: 'reevaluate' } });
  assert.deepEqual(codes(await simulator.adjust([change()])), []);
  assert.deepEqual(codes(await simulator.adjust([change()])), ['CHANGE_FROM_QUANTITY_STALE']);
  assert.deepEqual(codes(await simulator.adjust([change({ changeFromQuantity: 5 })])), ['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
  assert.equal((await simulator.quantities()).available, 5);
});

test('@idempotent on a mutation that does not document it is refused, not ignored', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const { status, unimplemented } = await simulator.ask(`mutation ($id: ID!) { fulfillmentCreate(fulfillment: {
    lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) @idempotent(key: "k") { userErrors { message } } }`, { id });
  assert.equal(status, 501);
  assert.equal(unimplemented, '@idempotent on fulfillmentCreate');
  assert.equal((await simulator.fulfillmentOrder()).status, 'OPEN');
});
