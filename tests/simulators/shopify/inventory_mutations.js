// inventorySetQuantities and inventoryAdjustQuantities: compare-and-set, all or nothing, one idempotency key.

import { Unimplemented, VendorError } from './errors.js';
import { levelAt, quantityOf } from './inventory.js';
import { idempotentMutation } from './mutation.js';
import { userErrors } from './user_errors.js';

// As Shopify listed them in its answers (2026-04).
const reasons = ['correction', 'cycle_count_available', 'damaged', 'movement_canceled', 'movement_created', 'movement_received',
  'movement_updated', 'other', 'promotion', 'quality_control', 'received', 'reservation_created', 'reservation_deleted',
  'reservation_updated', 'restock', 'safety_stock', 'shrinkage'];
const adjustableNames = ['available', 'damaged', 'incoming', 'quality_control', 'reserved', 'safety_stock'];

export function inventoryMutations(schema) {
  const setError = userErrors(schema, 'InventorySetQuantitiesUserErrorCode');
  const adjustError = userErrors(schema, 'InventoryAdjustQuantitiesUserErrorCode');
  return {
    fields: {
      Mutation: {
        inventorySetQuantities: mutation(setError, 'InventoryQuantityInput', 'quantities', setProblems, (row, level, name) => (
          row.quantity - quantityOf(level, name))),
        inventoryAdjustQuantities: mutation(adjustError, 'InventoryChangeInput', 'changes', adjustProblems, (row) => row.delta),
      },
      InventorySetQuantitiesPayload: { inventoryAdjustmentGroup: true, userErrors: true },
      InventoryAdjustQuantitiesPayload: { inventoryAdjustmentGroup: true, userErrors: true },
      InventorySetQuantitiesUserError: { code: true, field: true, message: true },
      InventoryAdjustQuantitiesUserError: { code: true, field: true, message: true },
      InventoryAdjustmentGroup: { id: true, createdAt: true, reason: true, referenceDocumentUri: true, changes: (group) => group.changes },
      InventoryChange: {
        name: true,
        delta: true,
        ledgerDocumentUri: true,
        // Null in every answer that was seen, whatever the quantity is.
        quantityAfterChange: () => null,
        item: (change, _, { state }) => state.get(change.item),
        location: (change, _, { state }) => state.get(change.location),
      },
    },
    inputs: {
      InventorySetQuantitiesInput: ['name', 'reason', 'referenceDocumentUri', 'quantities'],
      InventoryQuantityInput: ['inventoryItemId', 'locationId', 'quantity', 'changeFromQuantity'],
      InventoryAdjustQuantitiesInput: ['name', 'reason', 'referenceDocumentUri', 'changes'],
      InventoryChangeInput: ['inventoryItemId', 'locationId', 'delta', 'changeFromQuantity', 'ledgerDocumentUri'],
    },
  };
}

function mutation(error, rowType, rowsName, problemsOf, deltaOf) {
  const refuse = (problems) => ({ inventoryAdjustmentGroup: null, userErrors: problems });
  const staleRows = ({ input }, { state }) => input[rowsName].flatMap((row, index) => {
    const level = levelAt(state, row.inventoryItemId, row.locationId);
    const stale = row.changeFromQuantity !== null && level && quantityOf(level, input.name) !== row.changeFromQuantity;
    return stale ? [error('CHANGE_FROM_QUANTITY_STALE', ['input', rowsName, String(index), 'changeFromQuantity'])] : [];
  });
  return idempotentMutation(['input'], {
    // Nullable in the schema and mandatory all the same: null opts out of the comparison, leaving it out does not.
    rules: ({ input }) => {
      if (input[rowsName].some((row) => row.changeFromQuantity === undefined)) {
        throw new VendorError(`${rowType} must include the following argument: changeFromQuantity.`, 'INVALID_FIELD_ARGUMENTS');
      }
    },
    resolve: (values, context) => {
      const { input } = values;
      const common = commonProblems(input, rowsName, error, context);
      const problems = common.length > 0 ? common : problemsOf(input, error, context);
      if (problems.length > 0) {
        return refuse(problems);
      }
      refuseUnstocked(input[rowsName], context);
      const stale = staleRows(values, context);
      return stale.length > 0 ? refuse(stale) : { inventoryAdjustmentGroup: apply(input, rowsName, deltaOf, context), userErrors: [] };
    },
    recheck: (values, context) => {
      const stale = staleRows(values, context);
      return stale.length > 0 ? refuse(stale) : null;
    },
    refusal: (code) => refuse([error(code, null)]),
  });
}

function commonProblems(input, rowsName, error, { state }) {
  const problems = [];
  if (!reasons.includes(input.reason)) {
    const message = `The specified reason is invalid. Valid values are: ${reasons.join(', ')}.`;
    problems.push(error('INVALID_REASON', ['input', 'reason'], message));
  }
  if (input.referenceDocumentUri && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(input.referenceDocumentUri)) {
    problems.push(error('INVALID_REFERENCE_DOCUMENT', ['input', 'referenceDocumentUri']));
  }
  input[rowsName].forEach((row, index) => {
    const at = (name) => ['input', rowsName, String(index), name];
    if (!state.lookUp('InventoryItem', row.inventoryItemId)) {
      problems.push(error('INVALID_INVENTORY_ITEM', at('inventoryItemId')));
    }
    if (!state.lookUp('Location', row.locationId)) {
      problems.push(error('INVALID_LOCATION', at('locationId')));
    }
  });
  return problems;
}

function setProblems(input, error) {
  if (!['available', 'on_hand'].includes(input.name)) {
    return [error('INVALID_NAME', ['input', 'name'])];
  }
  const rows = input.quantities;
  return rows.flatMap((row, index) => {
    const at = (name) => ['input', 'quantities', String(index), name];
    const same = (other) => other.inventoryItemId === row.inventoryItemId && other.locationId === row.locationId;
    if (rows.filter(same).length > 1) {
      return [error('NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', at('locationId'))];
    }
    if (row.quantity > 1_000_000_000) {
      return [error('INVALID_QUANTITY_TOO_HIGH', at('quantity'), "The quantity can't be higher than 1,000,000,000.")];
    }
    if (row.quantity < -1_000_000_000) {
      return [error('INVALID_QUANTITY_TOO_LOW', at('quantity'), "The quantity can't be lower than -1,000,000,000.")];
    }
    // More can be sold than there is; less than nothing cannot lie on a shelf.
    return input.name === 'on_hand' && row.quantity < 0 ? [error('INVALID_QUANTITY_NEGATIVE', at('quantity'))] : [];
  });
}

function adjustProblems(input, error, { state }) {
  if (!adjustableNames.includes(input.name)) {
    return [error('INVALID_QUANTITY_NAME', ['input', 'name'],
      `The specified quantity name is invalid. Valid values are: ${adjustableNames.join(', ')}.`)];
  }
  if (input.name !== 'available') {
    throw new Unimplemented(`inventoryAdjustQuantities(input: {name: "${input.name}"})`);
  }
  return input.changes.flatMap((row, index) => {
    const at = (name) => ['input', 'changes', String(index), name];
    if (row.ledgerDocumentUri) {
      return [error('INVALID_AVAILABLE_DOCUMENT', at('ledgerDocumentUri'))];
    }
    const after = (levelAt(state, row.inventoryItemId, row.locationId)?.available ?? 0) + row.delta;
    if (after > 2_000_000_000) {
      return [error('INVALID_QUANTITY_TOO_HIGH', at('delta'))];
    }
    return after < -2_000_000_000 ? [error('INVALID_QUANTITY_TOO_LOW', at('delta'))] : [];
  });
}

// The enums of 2026-10 have no code for an item that is not stocked at the location, and what happens then is not documented.
function refuseUnstocked(rows, { state }) {
  for (const row of rows) {
    if (!levelAt(state, row.inventoryItemId, row.locationId)) {
      throw new Unimplemented(`a quantity of ${row.inventoryItemId} at ${row.locationId}, where it is not stocked`);
    }
  }
}

// Changes of nothing make no group. Each change of `available` moves `on_hand` with it, and the answer lists both.
function apply(input, rowsName, deltaOf, { state }) {
  const moved = input[rowsName]
    .map((row) => ({ row, level: levelAt(state, row.inventoryItemId, row.locationId) }))
    .map(({ row, level }) => ({ row, level, delta: deltaOf(row, level, input.name) }))
    .filter(({ delta }) => delta !== 0);
  if (moved.length === 0) {
    return null;
  }
  for (const { level, delta } of moved) {
    level.available += delta;
    state.touch(level);
  }
  const change = (name) => ({ row, delta }) => (
    { name, delta, item: row.inventoryItemId, location: row.locationId, ledgerDocumentUri: null });
  return state.add({
    __typename: 'InventoryAdjustmentGroup', id: state.newId('InventoryAdjustmentGroup'), createdAt: state.clock.timestamp(),
    reason: input.reason, referenceDocumentUri: input.referenceDocumentUri ?? null,
    changes: [...moved.map(change('available')), ...moved.map(change('on_hand'))],
  });
}
