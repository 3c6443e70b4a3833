/** The mark: a seal with a wave and a hook. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 10.5c1.6 8 3.2 12 5 12s2.6-4 4-9c1.4 5 2.2 9 4 9s3.4-4 5-12" />
    </svg>
  );
}
