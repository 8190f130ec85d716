// The sign of the product: a receipt with a bridge on it, as in icons/icon.svg.
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg className="logo" viewBox="0 0 512 512" width={size} height={size} aria-hidden="true">
      <rect width="512" height="512" rx="112" fill="#0f6b5f" />
      <path
        d="M150 104h212v292l-26.5-24-26.5 24-26.5-24-26.5 24-26.5-24-26.5 24-26.5-24-26.5 24z"
        fill="#f7f8f4"
      />
      <path d="M190 168h132M190 214h132" stroke="#0f6b5f" strokeWidth="20" strokeLinecap="round" />
      <path d="M186 316c14-64 126-64 140 0M176 318h160" fill="none" stroke="#d98a1f" strokeWidth="20" strokeLinecap="round" />
    </svg>
  );
}
