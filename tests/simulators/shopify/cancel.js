// orderCancel: answered at once with a job, carried out later; irreversible, and refused where Shopify was seen to refuse it.

import { randomUUID } from 'node:crypto';

import { gid } from './gid.js';
import { release } from './inventory.js';
import { plainMutation } from './mutation.js';
import { currentQuantity, fulfillmentOrdersOf, fulfillmentsOf, unfulfilledQuantity } from './orders.js';
import { byId } from './shop.js';
import { userErrors } from './user_errors.js';

const longestStaffNote = 255;

export function cancellation(schema) {
  const error = userErrors(schema, 'OrderCancelUserErrorCode');
  return {
    fields: {
      QueryRoot: { job: byId('Job') },
      Mutation: {
        orderCancel: plainMutation(['orderId', 'reason', 'restock', 'refund', 'refundMethod', 'staffNote', 'notifyCustomer'],
          (values, context) => {
            const problem = problemOf(values, error, context);
            return problem
              ? { job: null, orderCancelUserErrors: [problem], userErrors: [{ field: problem.field, message: problem.message }] }
              : { job: startJob(values, context), orderCancelUserErrors: [], userErrors: [] };
          }),
      },
      OrderCancelPayload: { job: true, orderCancelUserErrors: true, userErrors: true },
      OrderCancelUserError: { code: true, field: true, message: true },
      Job: { id: true, done: true },
    },
    inputs: { OrderCancelRefundMethodInput: ['originalPaymentMethodsRefund'] },
  };
}

function problemOf({ orderId, staffNote, refund, refundMethod }, error, context) {
  const order = context.state.lookUp('Order', orderId);
  if (!order) {
    return error('NOT_FOUND', ['orderId'], 'Order does not exist');
  }
  if ((staffNote ?? '').length > longestStaffNote) {
    return error('INVALID', ['staffNote'], `Staff note is too long. Maximum length is ${longestStaffNote} characters.`);
  }
  if ((refund ?? null) !== null && refundMethod) {
    return error('INVALID', ['refund'], 'Only one of the arguments `refund` or `refund_method` is allowed.');
  }
  if (order.cancelledAt) {
    return error('INVALID', ['orderId'], 'Cannot cancel an order that has already been canceled');
  }
  if (fulfillmentsOf(order, context).some((fulfillment) => fulfillment.status !== 'CANCELLED')) {
    return error('INVALID', ['orderId'], 'Cannot cancel an order that has outstanding fulfillments');
  }
  return null;
}

function startJob({ orderId, reason, restock, refund, refundMethod }, { state, settings }) {
  const job = state.add({ __typename: 'Job', id: gid('Job', randomUUID()), done: false, dueAt: state.clock.now() + settings.jobs.delay_ms,
    order: orderId, reason, restock, refund: Boolean(refund) || Boolean(refundMethod) });
  // The answer says `done: false` even where the job is due at once: it shows the job as it was started.
  return { ...job };
}

// Carries out the jobs whose time has come. A fulfilment that was made meanwhile stands: the cancellation is dropped.
export function runDueJobs(state) {
  for (const job of state.all('Job')) {
    if (!job.done && job.dueAt <= state.clock.now()) {
      job.done = true;
      const order = state.get(job.order);
      if (!order.cancelledAt && fulfillmentsOf(order, { state }).length === 0) {
        cancel(order, job, state);
      }
    }
  }
}

// The quantities of a cancelled order stay on its closed fulfilment orders unless the lines are refunded: what remains there is no
// longer to be sent, and only the status says so.
function cancel(order, { reason, restock, refund }, state) {
  for (const fulfillmentOrder of fulfillmentOrdersOf(order, { state })) {
    for (const line of fulfillmentOrder.lineItems.map((id) => state.get(id))) {
      release(state, line.inventoryItem, fulfillmentOrder.location, line.remainingQuantity, restock);
      if (refund) {
        line.totalQuantity = 0;
        line.remainingQuantity = 0;
      }
    }
    fulfillmentOrder.status = 'CLOSED';
    state.touch(fulfillmentOrder);
  }
  for (const line of order.lineItems.map((id) => state.get(id))) {
    line.removedQuantity += refund ? unfulfilledQuantity(line) : 0;
  }
  order.cancelledAt = state.clock.timestamp();
  order.cancelReason = reason;
  order.closed = order.lineItems.every((id) => currentQuantity(state.get(id)) === 0);
  order.closedAt = order.closed ? order.cancelledAt : null;
  state.touch(order);
}
