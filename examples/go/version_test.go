// SPDX-License-Identifier: MIT

package animaldetect

import "testing"

func TestALibraryOfAnotherMinorVersionDoesNotFit(t *testing.T) {
	for _, one := range []struct {
		loaded, compiled int32
		fits             bool
	}{
		{0x000200, 0x000200, true}, {0x000201, 0x000200, true}, {0x010300, 0x010200, true},
		{0x000300, 0x000200, false}, {0x000200, 0x000201, false}, {0x020000, 0x010200, false},
	} {
		if fits(one.loaded, one.compiled) != one.fits {
			t.Errorf("%#x for %#x", one.loaded, one.compiled)
		}
	}
	if err := versionFits(); err != nil {
		t.Error(err)
	}
}
