// SPDX-License-Identifier: MIT

package animaldetect

// #include <animaldetect/animaldetect.h>
import "C"

import "fmt"

// Version is that of the library.
func Version() string { return C.GoString(C.animaldetect_version()) }

// Features are those of this build of the library and of the libraries that it runs on, such as "libcurl" or "http2", and
// what each of them is here.
func Features() map[string]string {
	all := map[string]string{}
	for index := C.size_t(0); ; index++ {
		name := C.animaldetect_feature_name(index)
		if name == nil {
			return all
		}
		all[C.GoString(name)] = C.GoString(C.animaldetect_feature_text(name))
	}
}

// fits says whether what was compiled with one version's headers runs with another version of the library: a later one of
// the same major version, before 1.0 of the same minor one.
func fits(loaded, compiled int32) bool {
	return loaded >= compiled && loaded>>16 == compiled>>16 && (compiled>>16 > 0 || loaded>>8 == compiled>>8)
}

// versionFits refuses a library that was put in the place of the one that the package was compiled with.
func versionFits() error {
	if fits(int32(C.animaldetect_version_number()), C.ANIMALDETECT_VERSION_NUMBER) {
		return nil
	}
	return failure(ErrUnsupported, fmt.Sprintf("libanimaldetect %s is loaded, and this program was compiled with %s",
		Version(), C.ANIMALDETECT_VERSION))
}
