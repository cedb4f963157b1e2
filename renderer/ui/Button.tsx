import type { ButtonHTMLAttributes, ReactNode } from 'react';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly tone?: 'plain' | 'primary' | 'buy' | 'sell' | 'danger';
  readonly children: ReactNode;
}

export function Button({ tone = 'plain', className, type = 'button', children, ...rest }: ButtonProps) {
  return (
    <button type={type} className={`button button-${tone} ${className ?? ''}`} {...rest}>
      {children}
    </button>
  );
}
