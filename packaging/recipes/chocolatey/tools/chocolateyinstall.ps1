$ErrorActionPreference = 'Stop'

$package = @{
  PackageName    = $env:ChocolateyPackageName
  UnzipLocation  = Split-Path -Parent $MyInvocation.MyCommand.Definition
  Url64bit       = '@@{windows_url_x86_64}'
  Checksum64     = '@@{windows_sha256_x86_64}'
  ChecksumType64 = 'sha256'
}
# A PowerShell that is emulated sees x86 or AMD64 in the first, and the machine's own in the second.
if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_ARCHITEW6432 -eq 'ARM64') {
  $package.Url64bit = '@@{windows_url_arm64}'
  $package.Checksum64 = '@@{windows_sha256_arm64}'
}

Install-ChocolateyZipPackage @package
