/** The page's own small drawings, 24 by 24, in the colour of the text. They say nothing that a name does not say. */
const paths = {
  add: 'M12 5v14M5 12h14',
  again: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  dice: 'M5 5h14v14H5zM9 9h.01M15 15h.01M15 9h.01M9 15h.01',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  hide: 'M4 4l16 16M9.5 6.3A9 9 0 0 1 21 12a13 13 0 0 1-2.4 3M6 8a13 13 0 0 0-3 4 9.5 9.5 0 0 0 12 5.3',
  left: 'M15 5l-7 7 7 7',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  open: 'M14 5h5v5M10 19H5v-5M19 5l-6 6M5 19l6-6',
  out: 'M14 5h5v14h-5M4 12h10M10 8l4 4-4 4',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-2 4 3M15.5 9h.01',
  right: 'M9 5l7 7-7 7',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
