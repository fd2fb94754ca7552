package contract

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

func roleRows() []row[*stage] {
	return []row[*stage]{
		{"roles are read afresh", "A role that is given or taken away counts at the next request.", rolesAfresh},
		{"any of them", "One of the roles that are asked for is enough; none of them is InsufficientRole.", anyRole},
		{"a role that is none", "A role that is none is RequestInvalid: it must not let everybody in.", noRole},
	}
}

func rolesAfresh(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	_, before := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	if err := is("without the role", before, domain.InsufficientRole); err != nil {
		return err
	}
	if err := s.Administration.SetRoles(ctx, ana, "writer", "admin", "admin"); err != nil {
		return err
	}
	id, err := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	if err != nil {
		return err
	}
	if fmt.Sprint(id.Roles) != "[admin writer]" {
		return fmt.Errorf("the roles are %v", id.Roles)
	}
	if err := s.Administration.SetRoles(ctx, ana); err != nil {
		return err
	}
	_, after := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	return is("after the role was taken away", after, domain.InsufficientRole)
}

func anyRole(ctx context.Context, s *stage) error {
	if _, err := s.Administration.Add(ctx, ana, password, "billing:read"); err != nil {
		return err
	}
	grants, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	if _, err := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin", "billing:read"); err != nil {
		return err
	}
	_, err = s.Gate.Authorize(ctx, grants[0].AccessToken, "admin", "billing:write")
	return is("with neither role", err, domain.InsufficientRole)
}

func noRole(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for _, role := range []domain.Role{"", "Admin", "a b", "a,b", "-a", "ação", domain.Role(make([]byte, 65))} {
		_, err := s.Gate.Authorize(ctx, grants[0].AccessToken, role)
		if err := is(fmt.Sprintf("the role %q", role), err, domain.RequestInvalid); err != nil {
			return err
		}
	}
	return nil
}
