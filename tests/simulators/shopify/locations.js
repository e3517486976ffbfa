// Where stock lies and orders are fulfilled from.

import { page, pagingArguments } from './connection.js';
import { Unimplemented } from './errors.js';
import { numberOf } from './gid.js';
import { levelAt } from './inventory.js';
import { byId } from './shop.js';

const sortValues = { ID: () => '', NAME: (location) => location.name };

export const fields = {
  QueryRoot: {
    location: {
      takes: ['id'],
      resolve: (_, args, context) => {
        if ((args.id ?? null) === null) {
          throw new Unimplemented('QueryRoot.location without id', 'the primary location is deprecated');
        }
        return byId('Location').resolve(_, args, context);
      },
    },
    locations: {
      takes: [...pagingArguments, 'includeInactive', 'sortKey'],
      resolve: (_, args, { state }) => {
        if (!sortValues[args.sortKey]) {
          throw new Unimplemented(`QueryRoot.locations(sortKey: ${args.sortKey})`);
        }
        const locations = state.all('Location').filter((location) => location.isActive || args.includeInactive);
        return page(locations, args, sortValues[args.sortKey]);
      },
    },
  },
  Location: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    name: true,
    isActive: true,
    fulfillsOnlineOrders: true,
    createdAt: true,
    updatedAt: true,
    inventoryLevel: {
      takes: ['inventoryItemId'],
      resolve: (location, { inventoryItemId }, { state }) => levelAt(state, inventoryItemId, location.id) ?? null,
    },
  },
};
