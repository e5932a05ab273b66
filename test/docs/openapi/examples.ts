import { ordersOf } from '../../support/orders';

/** A body that a route takes, from the valid requests that tests have of each. */
export function exampleOf(route: string): object {
  const [method = '', path = ''] = route.split(' ');
  const [order] = ordersOf({ method, path });
  return order?.body ?? {};
}
