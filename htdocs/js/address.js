/* The address of the page holds what is chosen: sort, filter, page, client.
 * A link to it shows the same; the back button undoes a choice. */

import { signal } from '../vendor/ui.js';

export const address = signal(new URLSearchParams(location.search));

addEventListener('popstate', () => {
  address.value = new URLSearchParams(location.search);
});

/* The address with some of its parts changed; null and '' take a part out. */
export function withParts(parts) {
  const next = new URLSearchParams(address.value);

  for (const [name, value] of Object.entries(parts)) {
    if (value === null || value === undefined || value === '') {
      next.delete(name);
    }
    else {
      next.set(name, value);
    }
  }
  return next;
}

export const linkTo = (parts, page = location.pathname.split('/').pop()) => {
  const text = withParts(parts).toString();

  return page + (text ? '?' + text : '');
};

/* `replace` leaves no step for the back button: for typing in a filter. */
export function go(parts, { replace = false } = {}) {
  const next = withParts(parts);

  if (next.toString() === address.value.toString()) {
    return;
  }
  history[replace ? 'replaceState' : 'pushState'](null, '',
    linkTo(parts, location.pathname) + location.hash);
  address.value = next;
}
