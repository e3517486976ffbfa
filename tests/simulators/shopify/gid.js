// Shopify's global ids: gid://shopify/Order/820982911946154508. The number exceeds 2^53, so it is text from end to end here.

const shape = /^gid:\/\/shopify\/([A-Za-z]+)\/([^/?\s]+)(\?[^\s]*)?$/;

export function parseGid(text) {
  const match = typeof text === 'string' ? shape.exec(text) : null;
  return match ? { type: match[1], number: match[2], query: match[3] ?? '' } : null;
}

export function gid(type, number) {
  return `gid://shopify/${type}/${number}`;
}

export function numberOf(id) {
  return parseGid(id).number;
}

export function typeOf(id) {
  return parseGid(id)?.type;
}

// An inventory level has no number of its own that a caller could guess; its id carries the item, as Shopify's does.
export function levelGid(locationId, itemId) {
  return `${gid('InventoryLevel', numberOf(locationId))}?inventory_item_id=${numberOf(itemId)}`;
}

// Compares ids by their numbers, which no JS number could hold.
export function compareIds(left, right) {
  const a = numberOf(left);
  const b = numberOf(right);
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
    return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
