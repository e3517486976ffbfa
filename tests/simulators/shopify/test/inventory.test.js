import assert from 'node:assert/strict';
import { test } from 'node:test';

import { adjustDocument, change, item, location, row, setDocument, startWithOrder } from './helper.js';

const untouched = { available: 3, committed: 2, on_hand: 5 };

test('available is set, on_hand moves with it, and the answer lists both', async (t) => {
  const simulator = await startWithOrder(t);
  const { inventoryAdjustmentGroup, userErrors } = await simulator.set([row()]);
  assert.deepEqual(userErrors, []);
  const where = { item: { id: item }, location: { id: location } };
  assert.deepEqual(inventoryAdjustmentGroup.changes, [{ name: 'available', delta: 6, ...where }, { name: 'on_hand', delta: 6, ...where }]);
  assert.deepEqual(await simulator.quantities(), { available: 9, committed: 2, on_hand: 11 });
});

test('on_hand is set, and what is promised stays promised', async (t) => {
  const simulator = await startWithOrder(t);
  assert.deepEqual((await simulator.set([row({ changeFromQuantity: 5 })], { name: 'on_hand' })).userErrors, []);
  assert.deepEqual(await simulator.quantities(), { available: 7, committed: 2, on_hand: 9 });
});

test('available is adjusted by a delta', async (t) => {
  const simulator = await startWithOrder(t);
  const { inventoryAdjustmentGroup, userErrors } = await simulator.adjust([change({ delta: -2 })]);
  assert.deepEqual(userErrors, []);
  assert.deepEqual(inventoryAdjustmentGroup.changes, [{ name: 'available', delta: -2 }, { name: 'on_hand', delta: -2 }]);
  assert.deepEqual(await simulator.quantities(), { available: 1, committed: 2, on_hand: 3 });
});

test('a stale comparison applies nothing of the whole mutation', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.seed({ locations: [{ id: '7' }], levels: [{ location: '7', sku: 'LAMP-1', available: 1 }] });
  const other = row({ locationId: 'gid://shopify/Location/7', changeFromQuantity: 1 });
  const { inventoryAdjustmentGroup, userErrors } = await simulator.set([other, row({ changeFromQuantity: 4 })]);
  assert.equal(inventoryAdjustmentGroup, null);
  assert.deepEqual(userErrors, [{ code: 'CHANGE_FROM_QUANTITY_STALE', field: ['input', 'quantities', '1', 'changeFromQuantity'],
    message: 'The changeFromQuantity value does not match persisted value.' }]);
  const { levels } = await simulator.dump();
  assert.deepEqual(levels.map(({ available }) => available), [1, 3]);
  const adjusted = await simulator.adjust([change({ changeFromQuantity: 4 })], { key: 'key-2' });
  assert.deepEqual(adjusted.userErrors.map(({ code, message }) => [code, message]),
    [['CHANGE_FROM_QUANTITY_STALE', 'The changeFromQuantity argument no longer matches the persisted quantity.']]);
});

test('an explicit null opts out of the comparison', async (t) => {
  const simulator = await startWithOrder(t);
  assert.deepEqual((await simulator.set([row({ changeFromQuantity: null })])).userErrors, []);
  assert.deepEqual((await simulator.adjust([change({ changeFromQuantity: null })], { key: 'key-2' })).userErrors, []);
  assert.equal((await simulator.quantities()).available, 11);
});

for (const [document, name, input, type] of [
  [setDocument, 'inventorySetQuantities', { quantities: [row({ changeFromQuantity: undefined })] }, 'InventoryQuantityInput'],
  [adjustDocument, 'inventoryAdjustQuantities', { changes: [change({ changeFromQuantity: undefined })] }, 'InventoryChangeInput'],
]) {
  test(`${name} without changeFromQuantity is refused though the schema allows it`, async (t) => {
    const simulator = await startWithOrder(t);
    const variables = { input: { name: 'available', reason: 'correction', ...input }, key: 'k' };
    const { errors, data, extensions } = await simulator.ask(document, variables);
    assert.equal(errors[0].message, `${type} must include the following argument: changeFromQuantity.`);
    assert.deepEqual(errors[0].extensions, { code: 'INVALID_FIELD_ARGUMENTS' });
    assert.deepEqual(errors[0].path, [name]);
    assert.deepEqual(data, { [name]: null });
    assert.equal(extensions.cost.actualQueryCost, 10);
    assert.deepEqual(await simulator.quantities(), untouched);
  });

  test(`${name} without @idempotent is refused though the schema allows it`, async (t) => {
    const simulator = await startWithOrder(t);
    const withComparison = { quantities: [row()], changes: [change()] };
    const [rows] = Object.keys(input);
    const { errors, data } = await simulator.ask(document.replace(', $key: String!', '').replace('@idempotent(key: $key)', ''),
      { input: { name: 'available', reason: 'correction', [rows]: withComparison[rows] } });
    assert.equal(errors[0].message, 'The @idempotent directive is required for this mutation but was not provided.');
    assert.deepEqual(errors[0].extensions, { code: 'BAD_REQUEST' });
    assert.deepEqual(errors[0].path, [name]);
    assert.deepEqual(data, { [name]: null });
    assert.deepEqual(await simulator.quantities(), untouched);
  });
}

test('changes of nothing succeed without a group', async (t) => {
  const simulator = await startWithOrder(t);
  assert.deepEqual(await simulator.adjust([change({ delta: 0 })]), { inventoryAdjustmentGroup: null, userErrors: [] });
  assert.deepEqual(await simulator.set([row({ quantity: 3 })], { key: 'key-2' }), { inventoryAdjustmentGroup: null, userErrors: [] });
});

const setCases = [
  ['INVALID_NAME', ['input', 'name'], [row()], { name: 'damaged' }],
  ['INVALID_REASON', ['input', 'reason'], [row()], { reason: 'because' }],
  ['INVALID_INVENTORY_ITEM', ['input', 'quantities', '0', 'inventoryItemId'], [row({ inventoryItemId: 'gid://shopify/InventoryItem/1' })]],
  ['INVALID_LOCATION', ['input', 'quantities', '0', 'locationId'], [row({ locationId: 'gid://shopify/Location/1' })]],
  ['INVALID_QUANTITY_TOO_HIGH', ['input', 'quantities', '0', 'quantity'], [row({ quantity: 1_000_000_001 })]],
  ['INVALID_QUANTITY_TOO_LOW', ['input', 'quantities', '0', 'quantity'], [row({ quantity: -1_000_000_001 })]],
  ['INVALID_QUANTITY_NEGATIVE', ['input', 'quantities', '0', 'quantity'], [row({ quantity: -1 })], { name: 'on_hand' }],
];

for (const [code, field, rows, options] of setCases) {
  test(`inventorySetQuantities answers ${code} with its place`, async (t) => {
    const simulator = await startWithOrder(t);
    const { inventoryAdjustmentGroup, userErrors } = await simulator.set(rows, options);
    assert.equal(inventoryAdjustmentGroup, null);
    assert.deepEqual(userErrors.map((error) => [error.code, error.field]), [[code, field]]);
    assert.deepEqual(await simulator.quantities(), untouched);
  });
}

test('one pair of item and location twice is refused for both', async (t) => {
  const { userErrors } = await (await startWithOrder(t)).set([row(), row()]);
  assert.deepEqual(userErrors.map(({ code, field }) => [code, field[2]]),
    [['NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', '0'], ['NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', '1']]);
});

test('less than nothing can be available, not on hand', async (t) => {
  const simulator = await startWithOrder(t);
  assert.deepEqual((await simulator.set([row({ quantity: -5 })])).userErrors, []);
  assert.deepEqual(await simulator.quantities(), { available: -5, committed: 2, on_hand: -3 });
});

test('on_hand and committed are not adjusted by hand', async (t) => {
  const simulator = await startWithOrder(t);
  const { userErrors } = await simulator.adjust([change()], { name: 'on_hand' });
  const names = 'available, damaged, incoming, quality_control, reserved, safety_stock';
  assert.deepEqual(userErrors, [{ code: 'INVALID_QUANTITY_NAME', field: ['input', 'name'],
    message: `The specified quantity name is invalid. Valid values are: ${names}.` }]);
});

test('a quantity where the item is not stocked is a question the schema leaves open', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.seed({ locations: [{ id: '7' }] });
  const { status, unimplemented } = await simulator.ask(setDocument, { key: 'k', input: { name: 'available', reason: 'correction',
    quantities: [row({ locationId: 'gid://shopify/Location/7', changeFromQuantity: null })] } });
  assert.equal(status, 501);
  assert.match(unimplemented, /where it is not stocked/);
});
