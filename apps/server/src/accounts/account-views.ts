import type {
  AuditEntry as AuditEntryView,
  Tenant as TenantView,
  Token as TokenView,
  User as UserView,
} from "@wuts/contract";
import type { AuditRow, TenantRow, TokenRow, UserRow } from "../storage/schema/tables.ts";

/** A user as the contract shows it. */
export function userView(row: UserRow): UserView {
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    email: row.email,
    role: row.role,
    active: row.active === 1,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** A token as the contract shows it: not what it is sent as. */
export function tokenView(row: TokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    first_characters: row.first_characters,
    created_at: row.created_at,
    last_used_at: row.last_used_at,
    expires_at: row.expires_at,
    parent_id: row.parent_id,
  };
}

export function tenantView({ id, name, created_at, updated_at }: TenantRow): TenantView {
  return { id, name, created_at, updated_at };
}

export function auditView(row: AuditRow): AuditEntryView {
  return {
    id: row.id,
    at: row.at,
    actor: {
      type: row.actor_kind,
      user_id: row.actor_id,
      by_user_id: row.actor_signed_in_by,
      token_id: row.actor_token_id,
    },
    action: row.action,
    target: { type: row.target_type, id: row.target_id },
    details: JSON.parse(row.details),
    request_id: row.request_id,
  };
}
