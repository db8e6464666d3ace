/* What every page is built from, as one file: vendor/ui.js. */

export { render, Fragment } from 'preact';
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { html } from 'htm/preact';
export {
  batch, computed, effect, signal, untracked, useComputed, useSignal,
  useSignalEffect,
} from '@preact/signals';
