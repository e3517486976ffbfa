// Inventory levels: how much of an item lies at a location. The model is on_hand = available + committed; Shopify's other states
// (incoming, reserved, damaged, ...) are not kept.

import { Unimplemented } from './errors.js';
import { levelGid } from './gid.js';
import { byId } from './shop.js';

const quantityReaders = {
  available: (level) => level.available,
  committed: (level) => level.committed,
  on_hand: (level) => level.available + level.committed,
};

export function addLevel(state, locationId, itemId, available, committed) {
  const now = state.clock.timestamp();
  return state.add({ __typename: 'InventoryLevel', id: levelGid(locationId, itemId), location: locationId, item: itemId, available,
    committed, isActive: true, createdAt: now, updatedAt: now });
}

export function levelAt(state, itemId, locationId) {
  return state.get(levelGid(locationId, itemId));
}

export function levelsOf(state, itemId) {
  return state.all('InventoryLevel').filter((level) => level.item === itemId);
}

export function totalAvailable(state, itemId) {
  return levelsOf(state, itemId).reduce((sum, level) => sum + level.available, 0);
}

export function quantityOf(level, name) {
  return quantityReaders[name](level);
}

// An order was placed: what was for sale is promised now, and still on the shelf.
export function commit(state, itemId, locationId, quantity) {
  move(state, itemId, locationId, -quantity, quantity);
}

// It left the building.
export function ship(state, itemId, locationId, quantity) {
  move(state, itemId, locationId, 0, -quantity);
}

// The promise is off: back for sale, or written off where the caller wants no restocking.
export function release(state, itemId, locationId, quantity, restock) {
  move(state, itemId, locationId, restock ? quantity : 0, -quantity);
}

function move(state, itemId, locationId, available, committed) {
  const level = itemId ? levelAt(state, itemId, locationId) : undefined;
  if (level && state.get(itemId).tracked) {
    level.available += available;
    level.committed += committed;
    state.touch(level);
  }
}

export const fields = {
  QueryRoot: {
    inventoryLevel: byId('InventoryLevel'),
  },
  InventoryLevel: {
    id: true,
    isActive: true,
    createdAt: true,
    updatedAt: true,
    item: (level, _, { state }) => state.get(level.item),
    location: (level, _, { state }) => state.get(level.location),
    quantities: {
      takes: ['names'],
      resolve: (level, { names }) => names.map((name) => {
        if (!Object.hasOwn(quantityReaders, name)) {
          throw new Unimplemented(`InventoryLevel.quantities(names: "${name}")`);
        }
        const id = `${level.id.replace('InventoryLevel', 'InventoryQuantity')}&name=${name}`;
        return { id, name, quantity: quantityOf(level, name), updatedAt: level.updatedAt };
      }),
    },
  },
  InventoryQuantity: { id: true, name: true, quantity: true, updatedAt: true },
};
