"""What the build for laptops starts."""

from hydrant.__main__ import main

main()
